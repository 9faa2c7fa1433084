#include "ockham/text/jsonl_reader.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <nlohmann/json.hpp>

#include "tests/text/record_test_util.hpp"

namespace ockham {
namespace {

using namespace std::string_literals;
using Records = std::vector<Labelled>;

DataOptions jsonl(DataOptions options = {}) {
  options.format = DataFormat::jsonl;
  return options;
}

Records read_jsonl(const std::string& bytes, const DataOptions& options = jsonl()) {
  return records_of(bytes, options);
}

std::string jsonl_error(const std::string& bytes, const DataOptions& options = jsonl()) {
  return error_of(bytes, options);
}

TEST(JsonlReader, ReadsLabelsAndTexts) {
  EXPECT_EQ(read_jsonl(R"({"text": "good", "label": "pos"}
{"label": "neg", "id": [1, {"text": "no"}], "text": "bad \u00e9\t\"x\"\n"})"),
            (Records{{{"pos"}, "good", 1}, {{"neg"}, "bad é\t\"x\"\n", 2}}));
}

TEST(JsonlReader, LabelsAreStringsNumbersOrBooleans) {
  const auto label = [](const std::string& written) {
    return read_jsonl("{\"text\":\"\",\"label\":" + written + "}").at(0).labels;
  };
  EXPECT_EQ(label("\"very good, really\""), Labels{"very good, really"});
  EXPECT_EQ(label("3"), Labels{"3"});
  EXPECT_EQ(label("-3"), Labels{"-3"});
  EXPECT_EQ(label("1.50"), Labels{"1.50"});
  EXPECT_EQ(label("true"), Labels{"true"});
  EXPECT_EQ(label("false"), Labels{"false"});
  EXPECT_EQ(label("[\"b\", 1, true]"), (Labels{"b", "1", "true"}));
  EXPECT_EQ(label("[]"), Labels{});
}

TEST(JsonlReader, FollowsPaths) {
  const DataOptions options =
      jsonl({.text_column = "data.text", .label_column = "a.b.c", .weight_column = "w"});
  EXPECT_EQ(read_jsonl(R"({"text":"no","a":{"c":"no","b":{"x":1,"c":"yes","d":2},"e":{}},)"
                       R"("b":{"c":"no"},"data":{"data":{"text":"no"},"text":"t"},"w":2.5})",
                       options),
            (Records{{{"yes"}, "t", 1, 2.5f}}));
  EXPECT_EQ(read_jsonl(R"({"data.text":"t","a":{"b":{"c":1}},"w":1})", options),
            (Records{{{"1"}, "t", 1}}));
}

TEST(JsonlReader, JoinsSeveralFields) {
  EXPECT_EQ(read_jsonl(R"({"a":"","b":"x","label":1})", jsonl({.text_column = "b,a"})),
            (Records{{{"1"}, "x ", 1}}));
}

TEST(JsonlReader, KeepsOddContent) {
  EXPECT_EQ(read_jsonl("\xEF\xBB\xBF{\"text\":\"a\\u0000b\\r\\n\",\"label\":1}\r\n\r\n \t\n"),
            (Records{{{"1"}, "a\0b\r\n"s, 1}}));
  // Of a key that stands there twice the last one counts.
  EXPECT_EQ(read_jsonl(R"({"text":"a","label":"x","text":"b"})"), (Records{{{"x"}, "b", 1}}));
}

TEST(JsonlReader, CountsBlankLinesAndInvalidUtf8) {
  JsonlReader reader(std::make_unique<StringSource>("\n{\"text\":\"a\xFF\xFE\",\"label\":1}\n \n"),
                     "data", {});
  EXPECT_EQ(labelled_of(reader), (Records{{{"1"}, "a\uFFFD\uFFFD", 2}}));
  EXPECT_EQ(reader.statistics().blank_lines, 2u);
  EXPECT_EQ(reader.statistics().replaced_sequences, 2u);
}

TEST(JsonlReader, ProposesWhatCanBeNamed) {
  const auto proposed = [](const std::string& object, const std::string& label) {
    const std::string message = jsonl_error(object, jsonl({.label_column = label}));
    const size_t end = message.find(" (--label-column");
    const std::string_view before = "the object has no ";
    return message.substr(message.find(before) + before.size(), end - message.find(before) - 18);
  };
  EXPECT_EQ(proposed(R"({"text":"t","meta":{"y":1}})", "meta.z"),
            R"("meta.z", only "text", "meta.y"; did you mean "meta.y"?)");
  // Paths go on behind an inner object; arrays and their objects have none, an empty object is one.
  EXPECT_EQ(
      proposed(R"({"text":"t","a":{"b":{"c":1},"d":2},"e":[{"f":{"g":1}}],"h":{},"i":{"j":1}})",
               "nothing"),
      R"("nothing", only "text", "a.b.c", "a.d", "e", "h", "i.j")");
  std::string deep = "1";
  for (int i = 0; i < 20; ++i) deep = "{\"k\":" + deep + "}";
  EXPECT_EQ(proposed("{\"text\":\"t\",\"k\":" + deep + "}", "nothing"),
            R"("nothing", only "text", "k.k.k.k.k.k.k.k")");
}

TEST(JsonlReader, NamesLineAndColumnOfMalformedJson) {
  const std::string good = "{\"text\":\"a\",\"label\":1}\n";
  const std::string end = "; each object must be whole and alone in its line";
  EXPECT_EQ(jsonl_error(good + "{\"text\":\"é\",,\n"),
            "data:2:13: no JSON object: unexpected ','; expected string literal" + end);
  EXPECT_EQ(
      jsonl_error("{\"text\":"),
      "data:1:8: no JSON object: unexpected end of input; expected '[', '{', or a literal" + end);
  EXPECT_EQ(jsonl_error("\"x\""),
            "data:1:1: no JSON object: found a string, expected an object" + end);
  EXPECT_NE(jsonl_error(good + "{} x").find("data:2:4: no JSON object: "), std::string::npos);
  EXPECT_NE(jsonl_error("{\"text\":\"\\ud800\",\"label\":1}").find("data:1:16: "),
            std::string::npos);
  EXPECT_EQ(jsonl_error("{-\u00e9"),
            "data:1:3: no JSON object: invalid number; expected digit after '-'" + end);
  EXPECT_EQ(
      jsonl_error("{\"x\":-1e999,\"text\":\"a\"}"),
      "data:1:11: the number \"-1e999\" is beyond the range of doubles; write it as a string");
  EXPECT_LT(jsonl_error("{\"x\":" + std::string(500, '9') + "}").size(), 200u);
  EXPECT_NE(jsonl_error("[\n{\"text\":\"a\",\"label\":1}\n]").find("jq -c '.[]'"),
            std::string::npos);
}

TEST(JsonlReader, SuggestsTheFieldThatWasMeant) {
  EXPECT_EQ(
      jsonl_error("{\"txt\":\"a\",\"label\":{\"text\":1}}", jsonl({.label_column = "txt"})),
      "data:1: the object has no \"text\", only \"txt\", \"label.text\"; did you mean \"txt\"? "
      "(--text-column names a key, or a path such as data.text)");
  EXPECT_NE(jsonl_error("{}").find("has no \"label\", no key at all"), std::string::npos);
}

TEST(JsonlReader, RefusesOtherKinds) {
  const auto label_error = [](const std::string& written) {
    return jsonl_error("{\"text\":\"a\",\"label\":" + written + "}");
  };
  EXPECT_EQ(
      label_error("null"),
      "data:1: \"label\" is null; expected a string, a number, a boolean or an array of them");
  EXPECT_NE(label_error("{}").find("is an object"), std::string::npos);
  EXPECT_NE(label_error("[[1]]").find("an array with something else"), std::string::npos);
  EXPECT_NE(label_error("[null]").find("an array with something else"), std::string::npos);
  EXPECT_NE(label_error("\"\"").find("the label is empty"), std::string::npos);
  EXPECT_EQ(jsonl_error("{\"text\":5,\"label\":1}"),
            "data:1: \"text\" is a number; expected a string; write the text in quotes or remove "
            "the line");
  const DataOptions weighted = jsonl({.weight_column = "w"});
  EXPECT_EQ(jsonl_error("{\"text\":\"\",\"label\":1,\"w\":\"2\"}", weighted),
            "data:1: \"w\" is a string; expected a finite number above 0");
  EXPECT_NE(
      jsonl_error("{\"text\":\"\",\"label\":1,\"w\":0}", weighted).find("the weight is \"0\""),
      std::string::npos);
}

TEST(JsonlReader, RefusesMixedLabels) {
  const std::string one = "{\"text\":\"\",\"label\":\"a\"}\n";
  const std::string array = "{\"text\":\"\",\"label\":[\"a\"]}\n";
  EXPECT_EQ(jsonl_error("\n" + one + one + array),
            "data:4: \"label\" is an array here and one label in line 2; write one or the other "
            "throughout");
  EXPECT_EQ(jsonl_error(array + one),
            "data:2: \"label\" is one label here and an array in line 1; write one or the other "
            "throughout");
}

TEST(JsonlReader, RefusesDataWithoutRecords) {
  EXPECT_EQ(jsonl_error(""), "data: is empty; expected a JSON object a line");
  EXPECT_EQ(jsonl_error("\n"), "data: holds only blank lines; expected a JSON object a line");
}

TEST(JsonlReader, DeepNestingIsNoMatter) {
  const std::string deep(100'000, '[');
  const std::string line =
      "{\"x\":" + deep + std::string(deep.size(), ']') + ",\"text\":\"a\",\"label\":1}";
  EXPECT_EQ(labelled_of(*read_records(std::make_unique<StringSource>(line), "data", jsonl())),
            (Records{{{"1"}, "a", 1}}));
}

TEST(JsonlReader, RoundTrip) {
  EXPECT_TRUE(rc::check([](const std::vector<std::vector<std::string>>& drawn) {
    if (drawn.empty()) return;
    Records expected;
    std::string bytes;
    for (size_t i = 0; i < drawn.size(); ++i) {
      Labelled record{{}, i % 2 == 0 ? "é\u2028" : "", i + 1, 0.25f};
      for (const std::string& part : drawn[i]) {
        record.labels.push_back(std::string("l").append(ascii_only(part, "\t\r\n")));
        record.text += ascii_only(part, "");
      }
      const nlohmann::json object = {{"other", {{"label", 1}, {"text", {1, 2}}}},
                                     {"label", record.labels},
                                     {"weight", 0.25},
                                     {"text", record.text}};
      bytes += object.dump(-1, ' ', i % 2 == 0) + "\n";
      expected.push_back(record);
    }
    RC_ASSERT(read_jsonl(bytes, jsonl({.weight_column = "weight"})) == expected);
  }));
}

}  // namespace
}  // namespace ockham
