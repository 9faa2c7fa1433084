#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "ockham/model/classifier_io.hpp"
#include "tests/model/sample_classifier.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/text/text_test_util.hpp"

namespace ockham {

/// Of the models that are saved.
inline NetworkShape shape() {
  NetworkShape s;
  s.words = 12;
  s.embedding = 5;
  s.hidden = 4;
  s.outputs = 3;
  s.groups = kAllGroups;
  return s;
}

inline const KeptIds kEverything{
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, {0, 1, 2, 3, 4}, {{0, 1, 2, 3}, {0, 1, 2, 3}}};
inline const KeptIds kSome{{0, 1, 2, 4, 9, 10}, {1, 2, 4}, {{0, 3}, {1, 2, 3}}};

/// A test that saves a classifier in a folder of its own, and looks at what refuses to be loaded.
class ClassifierFolder : public TemporaryFolder {
 protected:
  /// The message of load_classifier(), which must start with the path of `file`, without it.
  std::string refusal(const char* file) {
    const std::string message = message_of([&] { load_classifier(folder_); });
    const std::string start = (folder_ / file).string() + ": ";
    EXPECT_EQ(message.rfind(start, 0), 0u) << message;
    return message.substr(std::min(start.size(), message.size()));
  }

  /// The same with config.json changed by `edit`.
  std::string refusal_of_config(const std::function<void(nlohmann::json&)>& edit) {
    nlohmann::json config =
        nlohmann::json::parse(classifier_config(sample_classifier(shape(), kSome, 1)));
    edit(config);
    write_quickly(folder_ / kConfigFile, config.dump());
    return refusal(kConfigFile);
  }
};

}  // namespace ockham
