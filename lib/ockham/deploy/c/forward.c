/* Runs the text through the layer; returns how many known n-grams it has. */
static size_t ockham_run(const char* text, size_t length, float* features) {
  ockham_walk walk;
  ockham_state state;
  uint32_t row;
  memset(&state, 0, sizeof state);
  ockham_start(&walk, text, length);
  while (state.steps < OCKHAM_MOST_NGRAMS && ockham_next(&walk, &row)) {
    ockham_step(&ockham_directions[0], row, &state, features);
  }
  return state.steps;
}
