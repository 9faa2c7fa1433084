#pragma once

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "ockham/tensor/error.hpp"
#include "ockham/text/dataset.hpp"
#include "ockham/text/tokenizer.hpp"
#include "ockham/text/tsv_reader.hpp"

namespace ockham {

inline Dataset dataset_of(const std::string& tsv, const SpillPlace& place = {}) {
  std::istringstream stream(tsv);
  TsvReader reader(stream, "data.tsv");
  return read_dataset(reader, place);
}

inline std::vector<std::string> tokens_of(const Tokenizer& tokenizer, std::string_view text) {
  TokenBuffer buffer;
  std::vector<std::string> tokens;
  visit_tokens(tokenizer, text, buffer, [&](const TokenBuffer& some) {
    for (size_t i = 0; i < some.size(); ++i) tokens.emplace_back(some[i]);
  });
  return tokens;
}

/// Runs `action` and returns the message of the Error it must throw.
template <typename Action>
std::string message_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "no Error was thrown";
  return "";
}

/// Whether tokens are windows on their bytes, in order and apart.
inline bool in_order_and_apart(const TokenBuffer& tokens) {
  size_t end = 0;
  for (const TokenBuffer::Extent& extent : tokens.extents) {
    if (extent.begin < end || extent.length > tokens.bytes.size() - extent.begin) return false;
    end = extent.begin + extent.length;
  }
  return true;
}

}  // namespace ockham
