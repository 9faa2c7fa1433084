static float ockham_gate(float a) {
  return 1.0f / (1.0f + expf(-a));
}
