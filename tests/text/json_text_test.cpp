#include "ockham/text/json_text.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <nlohmann/json.hpp>

namespace ockham {
namespace {

using nlohmann::json;

std::string members(const std::string& object, const std::vector<std::string>& except = {}) {
  std::string out;
  append_json_members(object, except, out);
  return out;
}

TEST(JsonString, QuotesAnyBytes) {
  EXPECT_EQ(json_string("a\"\\\n"), R"("a\"\\\n")");
  EXPECT_EQ(json_string("b\xC3\xA4\xFF"), "\"b\xC3\xA4\xEF\xBF\xBD\"");
}

TEST(JsonMembers, AreAsTheyWereWritten) {
  EXPECT_EQ(members(R"({"id":123456789012345678901234567890,"x":1.50e+3})"),
            R"("id":123456789012345678901234567890,"x":1.50e+3)");
  EXPECT_EQ(members("  { \"a\" : [1, {\"b\":\"}],{\"}] ,\t\"c\":null }  "),
            "\"a\" : [1, {\"b\":\"}],{\"}],\"c\":null");
  EXPECT_EQ(members("{}"), "");
  EXPECT_EQ(members(" { } "), "");
  EXPECT_EQ(members(R"({"a":"\\","b":"\""})"), R"("a":"\\","b":"\"")");
}

TEST(JsonMembers, LeaveOutKeysHoweverWritten) {
  EXPECT_EQ(members(R"({"text":"x","id":7,"label":{"text":1}})", {"text", "label"}), R"("id":7)");
  EXPECT_EQ(members(R"({"te\u0078t":"x","id":7})", {"text"}), R"("id":7)");
  EXPECT_EQ(members(R"({"id":7,"text":"x"})", {"text"}), R"("id":7)");
  EXPECT_EQ(members(R"({"text":"x"})", {"text"}), "");
}

json random_value(int depth) {
  switch (*rc::gen::inRange(0, depth > 0 ? 6 : 4)) {
    case 0:
      return *rc::gen::inRange(-1000, 1000);
    case 1:
      return json_string(*rc::gen::arbitrary<std::string>());
    case 2:
      return nullptr;
    case 3:
      return true;
    case 4:
      return json::array({random_value(depth - 1), random_value(depth - 1)});
    default:
      return json{{"k,}", random_value(depth - 1)}, {"\"", random_value(depth - 1)}};
  }
}

TEST(JsonMembers, GiveTheObjectBack) {
  EXPECT_TRUE(rc::check([] {
    json object = json::object();
    for (const char* key : {"a", "b\\", "c,", "d"}) object[key] = random_value(3);
    const std::string written = object.dump(*rc::gen::inRange(-1, 3));
    RC_ASSERT(json::parse("{" + members(written) + "}") == object);
    object.erase("c,");
    RC_ASSERT(json::parse("{" + members(written, {"c,"}) + "}") == object);
  }));
}

}  // namespace
}  // namespace ockham
