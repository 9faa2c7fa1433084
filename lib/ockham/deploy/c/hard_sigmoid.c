static float ockham_gate(float a) {
  const float gate = 0.2f * a + 0.5f;
  return gate < 0.0f ? 0.0f : gate > 1.0f ? 1.0f : gate;
}
