#include <cmath>

#include "ockham/deploy/compact_file.hpp"
#include "ockham/deploy/engine.hpp"
#include "tests/cli/cli_test.hpp"

// A model as a program in C: the files, what becomes of them, and what is refused.

namespace ockham {
namespace {

namespace fs = std::filesystem;

class Export : public CliTest {
 protected:
  void SetUp() override {
    CliTest::SetUp();
    put_model("m");
    run_well("compress --model m --output m.ockham");
  }
};

TEST_F(Export, TheProgramAnswersAsPredictDoes) {
  const Outcome outcome = run_well("export --model m.ockham --format c --output reviews.c");
  EXPECT_EQ(outcome.out, "");
  EXPECT_NE(outcome.err.find("reviews.c, reviews.h: "), std::string::npos) << outcome.err;
  write("main.c",
        "#include <stdio.h>\n#include <string.h>\n#include \"reviews.h\"\n"
        "int main(void)\n{\n  char line[4096];\n  float p[OCKHAM_CLASSES];\n"
        "  while (fgets(line, sizeof line, stdin)) {\n"
        "    int best = ockham_predict(line, strcspn(line, \"\\n\"), p);\n"
        "    printf(\"%s\\t%.6f\\n\", ockham_classes[best], p[best]);\n  }\n  return 0;\n}\n");
  const Unlabelled texts = without_labels(make_corpus(100, 3));
  write("texts.txt", texts.texts);
  const Outcome compiled = shell(
      "gcc -std=c99 -Wall -Wextra -Wpedantic -Werror main.c reviews.c -o classify -lm && "
      "./classify <texts.txt");
  ASSERT_EQ(compiled.code, 0) << compiled.err;
  const auto got = lines_of(compiled.out);
  const auto expected = lines_of(run_well("predict --model m.ockham texts.txt").out);
  ASSERT_EQ(got.size(), expected.size());
  for (size_t i = 0; i < got.size(); ++i) {
    const auto label = [](const std::string& line) { return line.substr(0, line.find('\t')); };
    const auto p = [](const std::string& line) { return std::stod(line.substr(line.find('\t'))); };
    EXPECT_EQ(label(got[i]), label(expected[i]));
    EXPECT_LE(std::abs(p(got[i]) - p(expected[i])), 1e-4);
  }
}

TEST_F(Export, AFolderIsRoundedAsCompressRoundsIt) {
  run_well("export --model m --output a.c");
  run_well("export --model m.ockham --output b.c");
  const std::string a = read("a.c"), b = read("b.c");
  EXPECT_EQ(a.substr(a.find("_classes")), b.substr(b.find("_classes")));
}

TEST_F(Export, NamesAreWhatIsWished) {
  run_well("export --model m.ockham --output spam.c --name spam");
  EXPECT_NE(read("spam.h").find("int spam_predict("), std::string::npos);
  EXPECT_NE(read("spam.h").find("#define SPAM_CLASSES 2"), std::string::npos);
  EXPECT_EQ(read("spam.c").find("ockham_"), std::string::npos);
  expect_refusal(run("export --model m.ockham --output x.c --name 2x"), 2, {"--name", "\"2x\""});
}

TEST_F(Export, RefusesWhatItCannotWrite) {
  expect_refusal(run("export --model m.ockham --format java --output x.c"), 2,
                 {"--format", "java", "c"});
  expect_refusal(run("export --model m.ockham --output x.cpp"), 2, {"--output", "ends in .c"});
  expect_refusal(run("export --model m.ockham --output -"), 2, {"--output", "ends in .c"});
  expect_refusal(run("export --model m.ockham --output a?.c"), 2, {"--output", "include"});
  expect_refusal(run("export --model m --output m/x.c"), 1, {"m/x.c", "--output"});
  expect_refusal(run("export --model m.ockham --output none/x.c"), 1, {"none"});
  fs::create_directory(folder_ / "taken.c");
  expect_refusal(run("export --model m.ockham --output taken.c"), 1, {"taken.c"});
  expect_refusal(run("export --model none --output x.c"), 1, {"none: no such model"});
  EXPECT_FALSE(fs::exists(folder_ / "x.c"));
  EXPECT_FALSE(fs::exists(folder_ / "taken.h")) << "a header without its source";
}

TEST_F(Export, AFullDiskLeavesThePairAsItWas) {
  constexpr size_t kTooFew = 4096;  // the header has room, the source not
  const std::string command = "export --model m.ockham --output a.c --name ";
  for (const char* name : {"first", "second"}) {
    expect_refusal(run(command + name, {.largest_file = kTooFew}), 1, {"a.c", "space"});
    EXPECT_FALSE(fs::exists(folder_ / "a.h"));
  }
  run_well(command + "first");  // what failed is in nobody's way
  const std::string header = read("a.h"), source = read("a.c");
  expect_refusal(run(command + "second", {.largest_file = kTooFew}), 1, {"a.c", "space"});
  EXPECT_TRUE(read("a.h") == header && read("a.c") == source);
}

TEST_F(Export, ReplacesNoFileThatNobodyNamed) {
  write("taken.h", "mine");
  write("taken.json", "mine");
  write("taken.model", "mine");  // only subwords need this one
  expect_refusal(run("export --model m.ockham --output taken.c"), 1, {"taken.h", "--output"});
  expect_refusal(run("export --model m.ockham --format onnx --output taken.onnx"), 1,
                 {"taken.json", "--output"});
  for (const char* name : {"taken.h", "taken.json", "taken.model"}) EXPECT_EQ(read(name), "mine");
  fs::remove(folder_ / "taken.json");
  for (int times = 0; times < 2; ++times) {  // what an export wrote, the next one may replace
    run_well("export --model m.ockham --format onnx --output taken.onnx");
    run_well("export --model m.ockham --output free.c");
  }
  EXPECT_EQ(read("taken.model"), "mine");
}

TEST_F(Export, RefusesAFileOfANewerVersion) {
  std::string bytes = read("m.ockham");
  ++bytes[6];
  write("newer.ockham", bytes);
  expect_refusal(run("export --model newer.ockham --output x.c"), 1,
                 {"newer.ockham", "written by a newer Ockham"});
}

TEST_F(Export, RefusesWhatHasNoPlaceInAProgram) {
  const std::string data = std::string(OCKHAM_TEST_DATA) + "/golden/";
  expect_refusal(run("export --output x.c --model " + data + "v1-stacked.ockham"), 1,
                 {"v1-stacked.ockham", "layers", "--layers 1"});
  expect_refusal(run("export --output x.c --model " + data + "v1-bpe.ockham"), 1,
                 {"v1-bpe.ockham", "tokenizer", "--tokenizer word"});
}

TEST_F(Export, AGraphHasADescriptionBesideIt) {
  const Outcome outcome = run_well("export --model m.ockham --format onnx --output r.onnx");
  EXPECT_NE(outcome.err.find("r.onnx, r.json: "), std::string::npos) << outcome.err;
  const auto description = nlohmann::json::parse(read("r.json"));
  EXPECT_EQ(description.at("classes"), nlohmann::json({"neg", "pos"}));
  EXPECT_EQ(description.at("tokenizer").at("ngrams").size(), report("m.ockham").at("words_kept"));
  EXPECT_NE(read("r.onnx").find("LSTM"), std::string::npos);
  EXPECT_FALSE(fs::exists(folder_ / "r.model"));
  EXPECT_EQ(run("export --model m.ockham --format onnx --output r.c").code, 2);
}

}  // namespace
}  // namespace ockham
