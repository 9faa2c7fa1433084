#pragma once

#include <gtest/gtest.h>

#include <vector>

#include "ockham/train/trainer.hpp"

namespace ockham {

/// Equal to the bit: every number, every name, every original index.
inline void expect_same(const Network& got, const Network& expected) {
  std::vector<const Parameter*> others;
  expected.for_each_parameter([&](const Parameter& p) { others.push_back(&p); });
  size_t next = 0;
  got.for_each_parameter([&](const Parameter& p) {
    ASSERT_LT(next, others.size());
    const Parameter& e = *others[next++];
    EXPECT_EQ(p.path, e.path);
    EXPECT_EQ(p.posterior->name(), e.posterior->name()) << p.path;
    EXPECT_EQ(p.mean, e.mean) << p.path;
    EXPECT_EQ(p.spread, e.spread) << p.path;
    EXPECT_EQ(p.keep_mask(), e.keep_mask()) << p.path;
    EXPECT_EQ(p.row_ids, e.row_ids) << p.path;
    EXPECT_EQ(p.column_ids, e.column_ids) << p.path;
  });
  EXPECT_EQ(next, others.size());
}

inline void expect_same(const Optimizer& got, const Optimizer& expected) {
  EXPECT_EQ(got.steps(), expected.steps());
  ASSERT_EQ(got.moments().size(), expected.moments().size());
  for (size_t i = 0; i < got.moments().size(); ++i) {
    EXPECT_EQ(got.moments()[i].mean1, expected.moments()[i].mean1) << i;
    EXPECT_EQ(got.moments()[i].mean2, expected.moments()[i].mean2) << i;
    EXPECT_EQ(got.moments()[i].spread1, expected.moments()[i].spread1) << i;
    EXPECT_EQ(got.moments()[i].spread2, expected.moments()[i].spread2) << i;
  }
}

inline void expect_same(const TrainingState& got, const TrainingState& expected) {
  EXPECT_EQ(got.phase, expected.phase);
  EXPECT_EQ(got.epoch, expected.epoch);
  EXPECT_EQ(got.all_epochs, expected.all_epochs);
  EXPECT_EQ(got.step, expected.step);
  EXPECT_EQ(got.hysteresis.state(), expected.hysteresis.state());
  expect_same(got.network, expected.network);
  expect_same(got.optimizer, expected.optimizer);
  ASSERT_EQ(got.path.size(), expected.path.size());
  for (size_t i = 0; i < got.path.size(); ++i) {
    SCOPED_TRACE("point " + std::to_string(i));
    EXPECT_EQ(got.path[i].point, expected.path[i].point);
    const Classifier &model = got.path[i].model, &other = expected.path[i].model;
    EXPECT_EQ(model.vocabulary.ngrams(), other.vocabulary.ngrams());
    EXPECT_EQ(model.shape, other.shape);
    EXPECT_EQ(model.pruned, other.pruned);
    EXPECT_EQ(model.paper_weights, other.paper_weights);
    EXPECT_EQ(model.dense_bytes, other.dense_bytes);
    expect_same(model.network, other.network);
  }
}

}  // namespace ockham
