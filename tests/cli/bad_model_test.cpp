#include "tests/cli/cli_test.hpp"

// The model cannot be used: exit code 1, and the message says why and what to do.

namespace ockham {
namespace {

namespace fs = std::filesystem;

const std::string kJunk = [] {
  std::string junk;
  for (unsigned i = 0; i < 3000; ++i) junk += static_cast<char>(i * i * 2654435761u >> 13);
  return junk;
}();

class BadModel : public CliTest {
 protected:
  /// Every command that reads a model must refuse it in the same way.
  void expect_all_refuse(const std::string& model, const std::vector<std::string>& parts) {
    write("test.tsv", "pos\tgood\nneg\tbad\n");
    for (const std::string command :
         {"evaluate --data test.tsv", "predict test.tsv", "report", "report --json"}) {
      SCOPED_TRACE(command);
      expect_refusal(run(command + " --model " + model), 1, parts);
    }
  }
};

TEST_F(BadModel, Missing) {
  expect_all_refuse("none", {"none: no such model", "a deployable file"});
  expect_refusal(run("compress --model none --output o"), 1, {"none: no such model"});
}

TEST_F(BadModel, FolderWithoutAModel) {
  fs::create_directory(folder_ / "folder");
  expect_all_refuse("folder", {"folder: no model in this folder", "config.json", "a deployable file"});
  expect_refusal(run("compress --model folder --output o"), 1, {"folder: no model"});
}

TEST_F(BadModel, JunkFile) {
  for (const std::string& junk : {std::string(), std::string("hello\n"), kJunk}) {
    write("junk", junk);
    expect_all_refuse("junk", {"junk: is no Ockham model file", "ockham compress"});
  }
  write("data.tsv", make_corpus(20));
  expect_all_refuse("data.tsv", {"data.tsv: is no Ockham model file"});
}

TEST_F(BadModel, TruncatedFile) {
  put_model("m");
  run_well("compress --model m --output m.ockham");
  const std::string whole = read("m.ockham");
  ASSERT_GT(whole.size(), 100u);
  for (const size_t length : {size_t{1}, size_t{7}, size_t{8}, size_t{11}, size_t{12}, size_t{40},
                              whole.size() / 2, whole.size() - 1}) {
    SCOPED_TRACE(length);
    write("cut.ockham", whole.substr(0, length));
    expect_refusal(run("predict --model cut.ockham", {.input = "good\n"}), 1, {"cut.ockham: is "});
  }
  write("cut.ockham", whole.substr(0, whole.size() / 2));
  expect_all_refuse("cut.ockham", {"cut.ockham: is damaged", "copy it again"});
}

TEST_F(BadModel, ChangedByteInAFile) {
  put_model("m");
  run_well("compress --model m --output m.ockham");
  const std::string whole = read("m.ockham");
  for (size_t at = 0; at < whole.size(); at += 1 + whole.size() / 16) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 0x10);
    write("changed.ockham", changed);
    expect_refusal(run("report --model changed.ockham"), 1, {"changed.ockham: "});
  }
}

TEST_F(BadModel, FileWhereCompressNeedsTheFolder) {
  put_model("m");
  run_well("compress --model m --output m.ockham");
  expect_refusal(run("compress --model m.ockham --output o"), 1,
                 {"m.ockham: is a file", "ockham train"});
}

TEST_F(BadModel, DamagedFolder) {
  put_model("whole");
  for (const std::string name : {"config.json", "model.safetensors", "tokenizer.json"}) {
    const std::string whole = read("whole/" + name);
    for (const std::string& bytes :
         {std::string(), whole.substr(0, whole.size() / 2), whole.substr(0, whole.size() - 2),
          kJunk, std::string("{}"), std::string("[]"), std::string("null")}) {
      SCOPED_TRACE(name + " with " + std::to_string(bytes.size()) + " bytes");
      fs::remove_all(folder_ / "m");
      put_model("m");
      write("m/" + name, bytes);
      expect_refusal(run("predict --model m", {.input = "good\n"}), 1,
                     {"m/" + name, "if the model in m is damaged, copy it or train it again"});
      expect_refusal(run("compress --model m --output o"), 1, {"m/" + name, "train it again"});
    }
  }
  EXPECT_FALSE(fs::exists(folder_ / "o"));
}

TEST_F(BadModel, WhatIsWrongInAFileIsSaidInPlainWords) {
  put_model("m");
  const auto refuse = [&](const std::string& name, const std::string& key, const char* value,
                          const std::string& what) {
    const std::string whole = read("m/" + name);
    nlohmann::json object = nlohmann::json::parse(whole);
    object[key] = nlohmann::json::parse(value);
    write("m/" + name, object.dump());
    const Outcome outcome = run("report --model m");
    expect_refusal(outcome, 1,
                   {"m/" + name + ": " + what + "; the file is damaged",
                    "if the model in m is damaged, copy it or train it again"});
    EXPECT_EQ(outcome.err.find("exception"), std::string::npos) << outcome.err;
    write("m/" + name, whole);
  };
  refuse("config.json", "classes", "3", "\"classes\" must be a list of strings, found a number");
  refuse("config.json", "classes", "[1]",
         "\"classes\" must be a list of strings, found a list with something else in it");
  refuse("config.json", "pruned", "\"no\"", "\"pruned\" must be true or false, found a string");
  refuse("config.json", "temperature", "null", "\"temperature\" must be a number, found null");
  refuse("config.json", "network", "[]", "found a list in place of an object with \"cell\"");
  refuse("config.json", "kept", "{}", "\"words\" is missing");
  refuse("tokenizer.json", "ngrams", "true", "\"ngrams\" must be a list of strings, found true");
  refuse("path.json", "chosen", "-1", "\"chosen\" must be a whole number from 0, found a number");
  refuse("path.json", "points", "[7]", "found a number in place of an object with \"kl_scale\"");
}

TEST_F(BadModel, FolderWithoutOneOfItsFiles) {
  for (const std::string name : {"config.json", "model.safetensors", "tokenizer.json"}) {
    fs::remove_all(folder_ / "m");
    put_model("m");
    fs::remove(folder_ / "m" / name);
    expect_all_refuse("m", {"m", name, "train"});
    expect_refusal(run("compress --model m --output o"), 1, {"m", name, "train"});
  }
}

TEST_F(BadModel, FilesOfTwoModelsMixed) {
  put_model("m");
  put_model("other");
  write("train.tsv", make_corpus(300, 7));
  run_well("train --train train.tsv --model other --seed 2" + kQuick);
  for (const std::string name : {"config.json", "model.safetensors", "tokenizer.json"}) {
    fs::remove_all(folder_ / "mixed");
    put_model("mixed");
    write("mixed/" + name, read("other/" + name));
    expect_all_refuse("mixed", {"mixed/", "if the model in mixed is damaged"});
  }
}

TEST_F(BadModel, DamagedPath) {
  const std::string choose = "compress --model m --output o --max-bytes 100000";
  for (const std::string bytes : {"", "{", "{}", "[]", "{\"points\": 3}"}) {
    fs::remove_all(folder_ / "m");
    put_model("m");
    write("m/path.json", bytes);
    expect_refusal(run(choose), 1, {"m/path.json", "train it again"});
    expect_refusal(run("report --model m"), 1, {"m/path.json", "train it again"});
    EXPECT_EQ(run("predict --model m", {.input = "good\n"}).code, 0) << "it does not need the path";
  }
  fs::remove(folder_ / "m/path.json");
  expect_refusal(run(choose), 1, {"m: holds one model and no path", "path.json"});
  fs::remove_all(folder_ / "m");
  put_model("m");
  write("m/path/00/model.safetensors", "");
  expect_refusal(run(choose), 1, {"m/path/00/model.safetensors", "train it again"});
}

TEST_F(BadModel, UnfinishedTraining) {
  fs::create_directories(folder_ / "m" / "checkpoint");
  const std::string command = "ockham train --config m/checkpoint.ini --resume";
  expect_all_refuse("m", {"m: its training is unfinished", command});
  expect_refusal(run("compress --model m --output o"), 1, {"unfinished", command});
}

TEST_F(BadModel, ALinkToItself) {
  fs::create_symlink("loop", folder_ / "loop");
  expect_all_refuse("loop", {"cannot open loop", "check the path"});
  write("train.tsv", make_corpus(20));
  expect_refusal(run("train --quiet --train train.tsv --model loop"), 1,
                 {"loop", "check the path"});
}

}  // namespace
}  // namespace ockham
