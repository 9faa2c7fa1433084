// oneDNN's own LSTM primitive at the papers' size, forward and backward: what frameworks call, to
// compare paper_step of bench_training with. It knows no noise, KL or optimizer, and multiplies
// every token by the input weights. Arguments: threads.

#include <benchmark/benchmark.h>
#include <omp.h>

#include <algorithm>
#include <dnnl.hpp>
#include <unordered_map>
#include <vector>

namespace {

using dnnl::memory;
using Tag = memory::format_tag;

constexpr memory::dim kSteps = 200, kBatch = 128, kInputs = 300, kHidden = 128, kGates = 4;

struct Shapes {
  explicit Shapes(memory::data_type of_values) : type(of_values) {}

  memory::desc any(const memory::dims& dims, memory::data_type of) const {
    return {dims, of, Tag::any};
  }
  memory::desc inputs() const { return any({kSteps, kBatch, kInputs}, type); }
  memory::desc outputs() const { return any({kSteps, kBatch, kHidden}, type); }
  memory::desc state() const { return any({1, 1, kBatch, kHidden}, type); }
  memory::desc cell() const { return any({1, 1, kBatch, kHidden}, memory::data_type::f32); }
  memory::desc weights(memory::dim rows) const { return any({1, 1, rows, kGates, kHidden}, type); }
  memory::desc bias() const { return any({1, 1, kGates, kHidden}, memory::data_type::f32); }
  /// Gradients are fp32.
  Shapes gradients() const { return Shapes(memory::data_type::f32); }

  memory::data_type type;
};

/// Memory for every argument of a primitive, zeroed.
class Arguments {
 public:
  explicit Arguments(const dnnl::engine& engine) : engine_(engine) {}

  void put(int name, const memory::desc& desc) {
    memory m(desc, engine_);
    if (desc.get_size() > 0)
      std::fill_n(static_cast<char*>(m.get_data_handle()), desc.get_size(), 0);
    all_.insert_or_assign(name, std::move(m));
  }
  const std::unordered_map<int, memory>& all() const { return all_; }

 private:
  dnnl::engine engine_;
  std::unordered_map<int, memory> all_;
};

enum class Passes { forward, both };

void lstm_primitive(benchmark::State& state, memory::data_type type, Passes passes = Passes::both) {
  omp_set_num_threads(static_cast<int>(state.range(0)));
  const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  dnnl::stream stream(engine);
  const Shapes shapes(type), gradients = shapes.gradients();
  const memory::desc none;
  const dnnl::lstm_forward::primitive_desc forward(
      dnnl::lstm_forward::desc(dnnl::prop_kind::forward_training,
                               dnnl::rnn_direction::unidirectional_left2right, shapes.inputs(),
                               none, none, shapes.weights(kInputs), shapes.weights(kHidden),
                               shapes.bias(), shapes.outputs(), none, none),
      engine);
  const dnnl::lstm_backward::primitive_desc backward(
      dnnl::lstm_backward::desc(dnnl::prop_kind::backward,
                                dnnl::rnn_direction::unidirectional_left2right, shapes.inputs(),
                                none, none, shapes.weights(kInputs), shapes.weights(kHidden),
                                shapes.bias(), shapes.outputs(), none, none, gradients.inputs(),
                                none, none, gradients.weights(kInputs), gradients.weights(kHidden),
                                shapes.bias(), gradients.outputs(), none, none),
      engine, forward);

  Arguments f(engine), b(engine);
  for (Arguments* both : {&f, &b}) {
    both->put(DNNL_ARG_SRC_LAYER, forward.src_layer_desc());
    both->put(DNNL_ARG_BIAS, forward.bias_desc());
    both->put(DNNL_ARG_DST_LAYER, forward.dst_layer_desc());
    both->put(DNNL_ARG_WORKSPACE, forward.workspace_desc());
  }
  f.put(DNNL_ARG_WEIGHTS_LAYER, forward.weights_layer_desc());
  f.put(DNNL_ARG_WEIGHTS_ITER, forward.weights_iter_desc());
  b.put(DNNL_ARG_WEIGHTS_LAYER, backward.weights_layer_desc());
  b.put(DNNL_ARG_WEIGHTS_ITER, backward.weights_iter_desc());
  b.put(DNNL_ARG_DIFF_SRC_LAYER, backward.diff_src_layer_desc());
  b.put(DNNL_ARG_DIFF_WEIGHTS_LAYER, backward.diff_weights_layer_desc());
  b.put(DNNL_ARG_DIFF_WEIGHTS_ITER, backward.diff_weights_iter_desc());
  b.put(DNNL_ARG_DIFF_BIAS, backward.diff_bias_desc());
  b.put(DNNL_ARG_DIFF_DST_LAYER, backward.diff_dst_layer_desc());
  const dnnl::lstm_forward run_forward(forward);
  const dnnl::lstm_backward run_backward(backward);
  for (auto _ : state) {
    run_forward.execute(stream, f.all());
    if (passes == Passes::both) run_backward.execute(stream, b.all());
    stream.wait();
  }
  state.SetItemsProcessed(int64_t(state.iterations()) * kSteps * kBatch);
}

void primitive_fp32(benchmark::State& state) {
  lstm_primitive(state, memory::data_type::f32);
}
void primitive_bf16(benchmark::State& state) {
  try {
    lstm_primitive(state, memory::data_type::bf16);
  } catch (const dnnl::error& e) {
    if (e.status != dnnl_unimplemented) throw;
    state.SkipWithError("oneDNN has no bf16 LSTM for this processor");
  }
}
void primitive_forward(benchmark::State& state) {
  lstm_primitive(state, memory::data_type::f32, Passes::forward);
}
BENCHMARK(primitive_forward)->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(primitive_fp32)->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(primitive_bf16)->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
