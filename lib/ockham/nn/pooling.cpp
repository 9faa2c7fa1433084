#include "ockham/nn/pooling.hpp"

#include <algorithm>
#include <limits>

#include "ockham/nn/pooling_kernels.hpp"
#include "ockham/tensor/error.hpp"

namespace ockham {
namespace {

/// Number of time steps of each sequence of the slice (longest first).
std::vector<uint32_t> lengths(const Slice& slice) {
  std::vector<uint32_t> steps(slice.sequences.size(), 0);
  for (size_t t = 0; t < slice.steps(); ++t) {
    const size_t go_on = t + 1 < slice.steps() ? slice.live(t + 1) : 0;
    for (size_t r = go_on; r < slice.live(t); ++r) steps[r] = static_cast<uint32_t>(t + 1);
  }
  return steps;
}

/// Calls body(t, r, row, count) for runs of numbers that stand one behind the other from row `row`
/// of y on, at step t, and from row r on of a matrix [sequences, width] in the slice's order. Where
/// y has no gaps that is all of a step at once: the default network has rows of four.
template <typename Body>
void for_each_run(const Slice& slice, size_t stride, size_t width, const Body& body) {
  const bool dense = stride == width;
  for (size_t t = 0; t < slice.steps(); ++t) {
    const size_t runs = dense ? 1 : slice.live(t), count = dense ? slice.live(t) * width : width;
    for (size_t r = 0; r < runs; ++r) body(t, r, slice.step_begin[t] + r, count);
  }
}

void max_forward(const Slice& slice, ConstMatrixView y, bool reverse, MatrixView summary,
                 PoolingChoice& choice) {
  const size_t width = summary.cols;
  choice.assign(slice.sequences.size() * width, 0);
  Matrix best(slice.sequences.size(), width, -std::numeric_limits<float>::infinity());
  for_each_run(slice, y.stride, width, [&](size_t t, size_t r, size_t row, size_t count) {
    keep_largest(y.row(row), count, static_cast<uint32_t>(t), reverse, best.row(r),
                 choice.data() + r * width);
  });
  const size_t live = slice.steps() > 0 ? slice.live(0) : 0;
  for (size_t r = 0; r < live; ++r) {
    std::copy_n(best.row(r), width, summary.row(slice.sequences[r]));
    for (size_t j = 0; j < width; ++j) {
      uint32_t& chosen = choice[r * width + j];
      chosen = slice.step_begin[chosen] + static_cast<uint32_t>(r);
    }
  }
}

void max_backward(const Slice& slice, ConstMatrixView dsummary, const PoolingChoice& choice,
                  MatrixView dy) {
  const size_t live = slice.steps() > 0 ? slice.live(0) : 0;
  for (size_t r = 0; r < live; ++r) {
    const float* from = dsummary.row(slice.sequences[r]);
    for (size_t j = 0; j < dsummary.cols; ++j) {
      dy(choice[r * dsummary.cols + j], j) += from[j];
    }
  }
}

void mean_forward(const Slice& slice, ConstMatrixView y, MatrixView summary) {
  const std::vector<uint32_t> steps = lengths(slice);
  Matrix sum(steps.size(), summary.cols);
  for_each_run(slice, y.stride, summary.cols, [&](size_t, size_t r, size_t row, size_t count) {
    add_numbers(y.row(row), count, sum.row(r));
  });
  for (size_t r = 0; r < steps.size() && steps[r] > 0; ++r) {
    float* to = summary.row(slice.sequences[r]);
    for (size_t j = 0; j < summary.cols; ++j) to[j] = sum(r, j) / static_cast<float>(steps[r]);
  }
}

void mean_backward(const Slice& slice, ConstMatrixView dsummary, MatrixView dy) {
  const std::vector<uint32_t> steps = lengths(slice);
  Matrix share(steps.size(), dsummary.cols);
  for (size_t r = 0; r < steps.size() && steps[r] > 0; ++r) {
    const float* from = dsummary.row(slice.sequences[r]);
    for (size_t j = 0; j < dsummary.cols; ++j) share(r, j) = from[j] / static_cast<float>(steps[r]);
  }
  for_each_run(slice, dy.stride, dsummary.cols, [&](size_t, size_t r, size_t row, size_t count) {
    add_numbers(share.row(r), count, dy.row(row));
  });
}

/// Calls body(sequence, packed row of its last step).
template <typename Body>
void for_last_rows(const Slice& slice, const Body& body) {
  const std::vector<uint32_t> steps = lengths(slice);
  for (size_t r = 0; r < steps.size() && steps[r] > 0; ++r) {
    body(slice.sequences[r], slice.step_begin[steps[r] - 1] + r);
  }
}

}  // namespace

std::string_view pooling_name(Pooling pooling) {
  switch (pooling) {
    case Pooling::max:
      return "max";
    case Pooling::mean:
      return "mean";
    case Pooling::last:
      return "last";
  }
  return "";
}

Pooling parse_pooling(std::string_view name) {
  for (const Pooling p : {Pooling::max, Pooling::mean, Pooling::last}) {
    if (pooling_name(p) == name) return p;
  }
  fail("unknown pooling \"", name, "\"; known: max, mean, last");
}

void pool_forward(Pooling pooling, const Slice& slice, ConstMatrixView y, bool reverse,
                  MatrixView summary, PoolingChoice& choice) {
  for (const uint32_t b : slice.sequences) std::fill_n(summary.row(b), summary.cols, 0.0f);
  switch (pooling) {
    case Pooling::max:
      return max_forward(slice, y, reverse, summary, choice);
    case Pooling::mean:
      return mean_forward(slice, y, summary);
    case Pooling::last:
      for_last_rows(slice, [&](uint32_t sequence, size_t row) {
        std::copy_n(y.row(row), summary.cols, summary.row(sequence));
      });
  }
}

void pool_backward(Pooling pooling, const Slice& slice, ConstMatrixView dsummary,
                   const PoolingChoice& choice, MatrixView dy) {
  switch (pooling) {
    case Pooling::max:
      return max_backward(slice, dsummary, choice, dy);
    case Pooling::mean:
      return mean_backward(slice, dsummary, dy);
    case Pooling::last:
      for_last_rows(slice, [&](uint32_t sequence, size_t row) {
        for (size_t j = 0; j < dsummary.cols; ++j) dy(row, j) += dsummary(sequence, j);
      });
  }
}

}  // namespace ockham
