/* i, f, o = gate(a);  g = tanh(a);  c = f c + i g;  y = o tanh(c) */
static void ockham_step(const ockham_direction* direction, uint32_t row, ockham_state* state,
                        float* features) {
  const unsigned units = direction->units;
  float a[OCKHAM_GATES * OCKHAM_UNITS];
  unsigned j;
  ockham_add_inputs(direction, row, a);
  ockham_add_outputs(direction, state, 0, 4, a);
  for (j = 0; j < units; ++j) {
    const float i = ockham_gate(a[j]), f = ockham_gate(a[units + j]);
    const float g = tanhf(a[2 * units + j]), o = ockham_gate(a[3 * units + j]);
    state->state[j] = f * state->state[j] + i * g;
    state->output[j] = o * tanhf(state->state[j]);
  }
  ockham_pool(direction, state, features);
  ++state->steps;
}
