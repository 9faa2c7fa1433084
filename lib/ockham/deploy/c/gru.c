/* r, u = gate(a);  n = tanh(a + r q), q = y W + b;  y = (1 - u) n + u y */
static void ockham_step(const ockham_direction* direction, uint32_t row, ockham_state* state,
                        float* features) {
  const unsigned units = direction->units;
  float a[OCKHAM_GATES * OCKHAM_UNITS], q[OCKHAM_GATES * OCKHAM_UNITS];
  unsigned j;
  ockham_add_inputs(direction, row, a);
  ockham_add_outputs(direction, state, 0, 2, a);
  for (j = 0; j < units; ++j) q[2 * units + j] = ockham_weight(direction->recurrent_bias, j);
  ockham_add_outputs(direction, state, 2, 3, q);
  for (j = 0; j < units; ++j) {
    const float r = ockham_gate(a[j]), u = ockham_gate(a[units + j]);
    const float n = tanhf(a[2 * units + j] + r * q[2 * units + j]);
    state->output[j] = n + u * (state->output[j] - n);
  }
  ockham_pool(direction, state, features);
  ++state->steps;
}
