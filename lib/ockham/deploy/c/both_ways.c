/* Runs the text through the layer, forwards and backwards; returns how many known n-grams it has.
   Backwards the rows come from a window of them. What is longer is read again for each window. */
static size_t ockham_run(const char* text, size_t length, float* features) {
  uint32_t window[OCKHAM_WINDOW];
  ockham_walk walk;
  ockham_state state;
  size_t count = 0, left, i;
  memset(&state, 0, sizeof state);
  ockham_start(&walk, text, length);
  while (count < OCKHAM_MOST_NGRAMS && ockham_next(&walk, &window[count % OCKHAM_WINDOW])) {
    ockham_step(&ockham_directions[0], window[count % OCKHAM_WINDOW], &state, features);
    ++count;
  }
  memset(&state, 0, sizeof state);
  for (left = count; left > 0;) {
    if (left < count) {
      ockham_start(&walk, text, length);
      for (i = 0; i < left; ++i) ockham_next(&walk, &window[i % OCKHAM_WINDOW]);
    }
    for (i = 0; i < OCKHAM_WINDOW && left > 0; ++i) {
      --left;
      ockham_step(&ockham_directions[1], window[left % OCKHAM_WINDOW], &state, features);
    }
  }
  return count;
}
