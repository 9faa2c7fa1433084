/* A weight of the embedding: a sign and a magnitude, times the scale of its column. */
static float ockham_value(uint32_t bits, unsigned column) {
  const float magnitude = (float)(bits & (OCKHAM_SIGN - 1u)) * ockham_scales[column];
  return bits & OCKHAM_SIGN ? -magnitude : magnitude;
}
