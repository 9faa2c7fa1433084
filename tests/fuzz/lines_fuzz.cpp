// Any bytes as plain lines: as texts to learn from, and as texts to answer, one answer a line.
#include <algorithm>
#include <sstream>

#include "ockham/deploy/prediction_stream.hpp"
#include "tests/compress/random_classifier.hpp"
#include "tests/fuzz/fuzz_records.hpp"

namespace ockham {
namespace {

const Engine& small_engine() {
  static const Engine engine = [] {
    std::mt19937 random(1);
    const std::vector<std::string> ngrams{"a", "b", "a b", "not a", "."};
    const NetworkShape shape = small_shape(ngrams.size(), 2, OutputKind::sigmoid, 1);
    return make_engine(make_classifier(random_network(random, shape), shape, 2, ngrams));
  }();
  return engine;
}

std::string answers(std::unique_ptr<ByteSource> source, const PredictionStyle& style) {
  static ThreadPool pool(1);
  std::ostringstream out;
  try {
    const auto statistics =
        predict_lines(small_engine(), std::move(source), "fuzz", {out, "out", style}, pool);
    const std::string text = out.str();
    require(statistics.lines == static_cast<uint64_t>(std::ranges::count(text, '\n')));
    require_utf8(text);
  } catch (const Error& error) {
    require(std::string_view(error.what()).starts_with("fuzz:1: "));
    return error.what();
  }
  return out.str();
}

/// Single bytes of a long line would take too long.
class PieceSource final : public ByteSource {
 public:
  explicit PieceSource(std::string bytes) : source_(std::move(bytes)) {}
  size_t read(char* target, size_t capacity) override {
    return source_.read(target, std::min<size_t>(capacity, 4099));
  }

 private:
  StringSource source_;
};

template <typename InPieces>
void answer_both_ways(const std::string& bytes, const PredictionStyle& style) {
  require(answers(std::make_unique<StringSource>(bytes), style) ==
          answers(std::make_unique<InPieces>(bytes), style));
}

}  // namespace
}  // namespace ockham

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace ockham;
  read_both_ways(data, size, {.format = DataFormat::lines, .labels = false});
  std::string bytes(reinterpret_cast<const char*>(data), size);
  answer_both_ways<DripSource>(bytes, {});
  answer_both_ways<DripSource>(bytes, {.format = PredictionFormat::json_lines, .copy_text = true});
  // Lines that are too long to be held take another way.
  constexpr size_t kLong = 300'000;
  if (!bytes.starts_with("long")) return 0;
  bytes.erase(0, 4);
  while (!bytes.empty() && bytes.size() < kLong) bytes += std::string(bytes);
  answer_both_ways<PieceSource>(bytes, {});
  return 0;
}
