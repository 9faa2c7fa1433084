#include "ockham/tensor/bf16_matmul.hpp"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <dnnl.hpp>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "ockham/tensor/error.hpp"
#include "ockham/tensor/kernels.hpp"
#include "ockham/tensor/one_omp_thread.hpp"
#include "ockham/tensor/precision.hpp"

namespace ockham {
namespace {

using dnnl::memory;

// Numbers of rows differ from call to call, and oneDNN compiles a kernel for each one, which takes
// milliseconds: so there are few of them. Blocks of so many rows, and a rest of full steps.
constexpr size_t kBlock = 32, kStep = 8;

constexpr auto kBf16 = memory::data_type::bf16;
constexpr auto kFp32 = memory::data_type::f32;

memory::dim dim(size_t n) {
  return static_cast<memory::dim>(n);
}

memory::desc rows_of(size_t rows, size_t cols, memory::data_type type) {
  return {{dim(rows), dim(cols)}, type, memory::format_tag::ab};
}

dnnl::engine cpu() {
  return {dnnl::engine::kind::cpu, 0};
}

/// One shape of product, made once and run often.
class Kernel {
 public:
  Kernel(const dnnl::engine& engine, const memory::desc& a, const memory::desc& b,
         const memory::desc& c, bool accumulate)
      : description_(describe(engine, a, b, c, accumulate)), product_(description_) {}

  memory::desc weights() const { return description_.weights_desc(); }

  void run(const dnnl::engine& engine, uint16_t* a, const memory& b, float* c) const {
    const OneOmpThread alone;
    dnnl::stream stream(engine);
    const auto scratch =
        std::make_unique_for_overwrite<std::byte[]>(description_.scratchpad_desc().get_size());
    product_.execute(stream, {{DNNL_ARG_SRC, memory(description_.src_desc(), engine, a)},
                              {DNNL_ARG_WEIGHTS, b},
                              {DNNL_ARG_DST, memory(description_.dst_desc(), engine, c)},
                              {DNNL_ARG_SCRATCHPAD,
                               memory(description_.scratchpad_desc(), engine, scratch.get())}});
    stream.wait();
  }

 private:
  static dnnl::matmul::primitive_desc describe(const dnnl::engine& engine, const memory::desc& a,
                                               const memory::desc& b, const memory::desc& c,
                                               bool accumulate) {
    // A kernel is made for as many threads as there may be now, and starts them whoever runs it:
    // with two it took 37 times as long.
    const OneOmpThread alone;
    if (!multiplies_bf16()) fail("this processor has no products of bf16");
    dnnl::primitive_attr attributes;
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    dnnl::post_ops after;
    if (accumulate) after.append_sum(1.0f);
    attributes.set_post_ops(after);
#if DNNL_VERSION_MAJOR >= 3
    return {engine, a, b, c, attributes};
#else
    return {dnnl::matmul::desc(a, b, c), attributes, engine};
#endif
  }

  dnnl::matmul::primitive_desc description_;
  dnnl::matmul product_;
};

/// The matrix in bf16, with rows of zeros below it until there are `rows`.
std::unique_ptr<uint16_t[]> rounded(ConstMatrixView m, size_t rows) {
  auto out = std::make_unique_for_overwrite<uint16_t[]>(rows * m.cols);
  for (size_t r = 0; r < m.rows; ++r) {
    round_to_bf16(m.row_span(r), {out.get() + r * m.cols, m.cols});
  }
  std::fill(out.get() + m.rows * m.cols, out.get() + rows * m.cols, uint16_t{0});
  return out;
}

}  // namespace

struct Bf16Weights::Packed {
  dnnl::engine engine = cpu();
  size_t inner = 0, columns = 0;
  memory weights;

  // By rows and whether the result is added to; made anew each time a kernel costs
  // 3 us, though oneDNN has it compiled.
  std::mutex mutex;
  std::map<std::pair<size_t, bool>, Kernel> kernels;

  Kernel make_kernel(size_t rows, bool accumulate, const memory::desc& b) const {
    return {engine, rows_of(rows, inner, kBf16), b, rows_of(rows, columns, kFp32), accumulate};
  }

  const Kernel& kernel(size_t rows, bool accumulate) {
    const std::lock_guard lock(mutex);
    const std::pair key(rows, accumulate);
    const auto found = kernels.find(key);
    if (found != kernels.end()) return found->second;
    return kernels.emplace(key, make_kernel(rows, accumulate, weights.get_desc())).first->second;
  }
};

Bf16Weights::Bf16Weights(ConstMatrixView b) : packed_(std::make_unique<Packed>()) {
  packed_->inner = b.rows;
  packed_->columns = b.cols;
  const memory::desc any({dim(b.rows), dim(b.cols)}, kBf16, memory::format_tag::any);
  const dnnl::engine& engine = packed_->engine;
  packed_->weights = memory(packed_->make_kernel(kBlock, true, any).weights(), engine);
  const auto values = rounded(b, b.rows);
  memory plain(rows_of(b.rows, b.cols, kBf16), engine, values.get());
  const OneOmpThread alone;
  dnnl::stream stream(engine);
  dnnl::reorder(plain, packed_->weights).execute(stream, plain, packed_->weights);
  stream.wait();
}

Bf16Weights::~Bf16Weights() = default;

void Bf16Weights::multiply(ConstMatrixView a, MatrixView c, bool accumulate) const {
  for (size_t first = 0; first < a.rows; first += kBlock) {
    const size_t count = std::min(kBlock, a.rows - first);
    multiply_block(a.row_range(first, count), c.row_range(first, count), accumulate);
  }
}

/// At most kBlock rows. Results with gaps between their rows go through a matrix without: for them
/// oneDNN has no fast kernel.
void Bf16Weights::multiply_block(ConstMatrixView a, MatrixView c, bool accumulate) const {
  const size_t rows = (a.rows + kStep - 1) / kStep * kStep;
  const auto values = rounded(a, rows);
  if (rows == a.rows && c.stride == c.cols) {
    packed_->kernel(rows, accumulate).run(packed_->engine, values.get(), packed_->weights, c.data);
    return;
  }
  Matrix sums = Matrix::without_values(rows, c.cols);
  packed_->kernel(rows, false).run(packed_->engine, values.get(), packed_->weights, sums.data());
  for (size_t r = 0; r < a.rows; ++r) {
    if (accumulate) {
      add_scaled(1.0f, sums.view().row_span(r), c.row_span(r));
    } else {
      std::ranges::copy(sums.view().row_span(r), c.row(r));
    }
  }
}

void bf16_matmul_transposed(ConstMatrixView a, ConstMatrixView b, MatrixView c) {
  assert(c.stride == c.cols);
  constexpr size_t kChunk = 512;  // rounded rows of both factors stay in the second cache
  const dnnl::engine engine = cpu();
  for (size_t first = 0; first < a.rows; first += kChunk) {
    const size_t left = std::min(kChunk, a.rows - first);
    const size_t rows = (left + kBlock - 1) / kBlock * kBlock;
    const auto of_a = rounded(a.row_range(first, left), rows);
    const auto of_b = rounded(b.row_range(first, left), rows);
    const memory::desc a_transposed({dim(a.cols), dim(rows)}, kBf16, {1, dim(a.cols)});
    const memory::desc b_rows = rows_of(rows, b.cols, kBf16);
    const Kernel kernel(engine, a_transposed, b_rows, rows_of(c.rows, c.cols, kFp32), true);
    kernel.run(engine, of_a.get(), memory(b_rows, engine, of_b.get()), c.data);
  }
}

}  // namespace ockham
