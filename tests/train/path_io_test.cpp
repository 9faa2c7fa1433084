#include "ockham/train/path_io.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "ockham/model/classifier_io.hpp"
#include "ockham/tensor/file.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/train/same_state.hpp"
#include "tests/train/synthetic_corpus.hpp"

namespace ockham {
namespace {

PathModel path_model(double value) {
  const PreparedTraining prepared = prepare(signal_corpus(20, 1), quick_settings());
  PathModel model{{}, prepared.start};
  model.model.network.embedding.mean(0, 0) = static_cast<float>(value);
  PathPoint& p = model.point;
  p.kl_scale = value / 3.0;
  p.accuracy = std::nextafter(value / 7.0, 1.0);
  p.micro_f1 = value / 3;
  p.nll = std::numeric_limits<double>::denorm_min();
  p.ngrams = 1;
  p.units = 2;
  p.gates = 3;
  p.weights = 4;
  p.bytes = SIZE_MAX;
  return model;
}

class PathIo : public TemporaryFolder {
 protected:
  void SetUp() override {
    TemporaryFolder::SetUp();
    for (const double value : {0.1, 0.7, 1.0}) {
      models_.push_back(path_model(value));
      summary_.points.push_back(models_.back().point);
    }
    summary_.measure.texts = 50;
    summary_.measure.guess = 0.625;
    summary_.chosen = 2;
    summary_.measure.criterion = Criterion::macro_f1;
  }

  std::string refusal_of(const std::function<void(nlohmann::json&)>& edit) {
    nlohmann::json file = nlohmann::json::parse(read_file(folder_ / kPathFile));
    edit(file);
    write_quickly(folder_ / kPathFile, file.dump());
    const std::string message = message_of([&] { load_path_summary(folder_); });
    EXPECT_EQ(message.rfind((folder_ / kPathFile).string() + ": ", 0), 0u) << message;
    return message;
  }

  std::vector<PathModel> models_;
  PathSummary summary_;
};

TEST_F(PathIo, WhatWasKeptComesBack) {
  for (PathModel& model : models_) model.point.kept = 0.25;
  for (PathPoint& point : summary_.points) point.kept = 0.25;
  summary_.measure.made_up_texts = 7;
  for (const bool by_kept : {false, true}) {
    summary_.measure.by_kept = by_kept;
    save_path(folder_, summary_, models_);
    EXPECT_EQ(load_path_summary(folder_), summary_);
  }
  EXPECT_NE(refusal_of([](auto& file) { file["chosen_by"] = "luck"; }).find("luck"),
            std::string::npos);
}

TEST_F(PathIo, ComesBackAsItWas) {
  save_path(folder_, summary_, models_);
  EXPECT_EQ(load_path_summary(folder_), summary_);
  const std::vector<PathModel> loaded = load_path(folder_);
  ASSERT_EQ(loaded.size(), models_.size());
  for (size_t i = 0; i < loaded.size(); ++i) {
    EXPECT_EQ(loaded[i].point, models_[i].point);
    EXPECT_EQ(loaded[i].model.vocabulary.ngrams(), models_[i].model.vocabulary.ngrams());
    expect_same(loaded[i].model.network, models_[i].model.network);
  }
  EXPECT_EQ(path_model_folder(folder_, 2), folder_ / "path" / "02");
  EXPECT_EQ(path_model_folder(folder_, 123), folder_ / "path" / "123");
  // A point is a model folder like any other.
  EXPECT_EQ(load_classifier(folder_ / "path" / "00").classes, models_[0].model.classes);
}

TEST_F(PathIo, EmptyPath) {
  save_path(folder_, {}, {});
  EXPECT_EQ(load_path_summary(folder_), PathSummary{});
  EXPECT_TRUE(load_path(folder_).empty());
}

TEST_F(PathIo, RefusalsNameTheFile) {
  save_path(folder_, summary_, models_);
  const std::string whole = read_file(folder_ / kPathFile);
  EXPECT_NE(
      refusal_of([](auto& file) { file["chosen"] = 3; }).find("point 3 is chosen, but there are 3"),
      std::string::npos);
  for (const char* key : {"points", "chosen", "validation_texts"}) {
    write_quickly(folder_ / kPathFile, whole);
    EXPECT_NE(refusal_of([&](auto& file) { file.erase(key); }).find(key), std::string::npos);
  }
  for (const double share : {-0.1, 1.1}) {
    for (const char* key : {"accuracy", "macro_f1", "micro_f1"}) {
      write_quickly(folder_ / kPathFile, whole);
      EXPECT_NE(refusal_of([&](auto& file) {
                  file["points"][1][key] = share;
                }).find("must be from 0 to 1"),
                std::string::npos);
    }
  }
  for (const char* key :
       {"kl_scale", "accuracy", "nll", "ngrams", "units", "gates", "weights", "bytes"}) {
    write_quickly(folder_ / kPathFile, whole);
    EXPECT_NE(refusal_of([&](auto& file) { file["points"][1].erase(key); }).find(key),
              std::string::npos);
  }
  write_quickly(folder_ / kPathFile, whole.substr(0, whole.size() / 2));
  EXPECT_EQ(message_of([&] { load_path_summary(folder_); }),
            (folder_ / kPathFile).string() + ": not valid JSON; the file is damaged");
  std::filesystem::remove(folder_ / kPathFile);
  EXPECT_NE(message_of([&] { load_path_summary(folder_); }).find(kPathFile), std::string::npos);
}

TEST_F(PathIo, AModelThatIsMissingIsNamed) {
  save_path(folder_, summary_, models_);
  std::filesystem::remove_all(folder_ / "path" / "01");
  EXPECT_NE(message_of([&] {
              load_path(folder_);
            }).find((folder_ / "path" / "01" / kConfigFile).string()),
            std::string::npos);
}

}  // namespace
}  // namespace ockham
