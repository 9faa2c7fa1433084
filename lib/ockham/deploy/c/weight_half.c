static float ockham_weight(size_t i) {
  return ockham_half(ockham_weights[i]);
}
