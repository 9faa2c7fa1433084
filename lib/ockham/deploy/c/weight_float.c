static float ockham_weight(size_t i) {
  return ockham_weights[i];
}
