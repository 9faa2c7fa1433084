/* ---- From the summary of a text to its probabilities ---------------------------------------- */

/* to = from W + b */
static void ockham_multiply(const ockham_dense* layer, const float* from, float* to) {
  unsigned i, k;
  for (k = 0; k < layer->units; ++k) {
    to[k] = ockham_weight(layer->bias, k);
    for (i = 0; i < layer->inputs; ++i) {
      to[k] += from[i] * ockham_weight(layer->weights, i * layer->units + k);
    }
  }
}

int ockham_predict(const char* text, size_t length, float* probabilities) {
  float values[2][OCKHAM_VALUES];
  float *from = values[0], *to = values[1];
  unsigned layer, k, best = 0;
  size_t steps;
  memset(values, 0, sizeof values);
  steps = ockham_run(text, length, from);
  for (k = 0; k < OCKHAM_DIRECTIONS; ++k) ockham_divide_means(&ockham_directions[k], steps, from);
  for (layer = 0; layer < OCKHAM_LAYERS; ++layer) {
    float* const above = from;
    ockham_multiply(&ockham_layers[layer], from, to);
    for (k = 0; layer + 1 < OCKHAM_LAYERS && k < ockham_layers[layer].units; ++k) {
      if (to[k] < 0.0f) to[k] = 0.0f;
    }
    from = to;
    to = above;
  }
  ockham_finish(from, probabilities);
  for (k = 1; k < OCKHAM_CLASSES; ++k) {
    if (probabilities[k] > probabilities[best]) best = k;
  }
  return (int)best;
}
