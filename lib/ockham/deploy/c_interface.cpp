#include <algorithm>
#include <array>
#include <cstring>
#include <exception>
#include <memory>
#include <string_view>
#include <utility>

#include "ockham/deploy/compact_file.hpp"
#include "ockham/deploy/engine.hpp"
#include "ockham/deploy/ockham.h"
#include "ockham/tensor/error.hpp"

// The functions of ockham.h: exceptions become error texts.

struct ockham_model {
  explicit ockham_model(ockham::Engine made) : engine(std::move(made)) {}

  ockham::Engine engine;
};

namespace {

constexpr size_t kTextsAtATime = 512;  // whose n-grams are held

void put(const char* what, ockham_error* error) noexcept {
  if (error == nullptr) return;
  const std::string_view text = what;
  const size_t length = std::min(text.size(), sizeof(error->text) - 1);
  std::memcpy(error->text, text.data(), length);
  error->text[length] = '\0';
}

/// What `action` gives, or `failed` and the error.
template <typename Result, typename Action>
Result guarded(Result failed, ockham_error* error, const Action& action) noexcept {
  try {
    put("", error);
    return action();
  } catch (const std::exception& exception) {
    put(exception.what(), error);
  } catch (...) {
    put("unknown error", error);
  }
  return failed;
}

void predict(const ockham::Engine& engine, const char* const* texts, const size_t* lengths,
             ockham::MatrixView probabilities) {
  std::array<std::string_view, kTextsAtATime> views;
  for (size_t first = 0; first < probabilities.rows; first += views.size()) {
    const size_t count = std::min(views.size(), probabilities.rows - first);
    for (size_t i = 0; i < count; ++i) views[i] = {texts[first + i], lengths[first + i]};
    engine.predict(std::span(views).first(count), probabilities.row_range(first, count));
  }
}

}  // namespace

ockham_model* ockham_open(const char* path, ockham_error* error) {
  return guarded<ockham_model*>(nullptr, error, [&] {
    if (path == nullptr) ockham::fail("no path was given");
    return std::make_unique<ockham_model>(ockham::Engine(ockham::read_compact(path))).release();
  });
}

ockham_model* ockham_open_bytes(const void* bytes, size_t size, ockham_error* error) {
  return guarded<ockham_model*>(nullptr, error, [&] {
    if (bytes == nullptr && size > 0) ockham::fail("no bytes were given");
    const std::string_view view(static_cast<const char*>(bytes), size);
    return std::make_unique<ockham_model>(ockham::Engine(ockham::decode_compact(view, "model")))
        .release();
  });
}

void ockham_close(ockham_model* model) {
  delete model;
}

size_t ockham_class_count(const ockham_model* model) {
  return model->engine.classes().size();
}

const char* ockham_class_name(const ockham_model* model, size_t index) {
  return model->engine.classes()[index].c_str();
}

const float* ockham_thresholds(const ockham_model* model) {
  const auto thresholds = model->engine.thresholds();
  return thresholds.empty() ? nullptr : thresholds.data();
}

int ockham_predict(const ockham_model* model, const char* const* texts, const size_t* lengths,
                   size_t count, float* probabilities, ockham_error* error) {
  return guarded<int>(-1, error, [&] {
    const size_t classes = ockham_class_count(model);
    predict(model->engine, texts, lengths, {probabilities, count, classes, classes});
    return 0;
  });
}
