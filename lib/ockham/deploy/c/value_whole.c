/* A weight of the embedding: a sign, and a whole number or its power times the column's scale. */
static float ockham_value(uint32_t bits, unsigned column) {
  const float whole = (float)(bits & (OCKHAM_SIGN - 1u));
  const float magnitude = OCKHAM_POWER(whole) * ockham_scales[column];
  return bits & OCKHAM_SIGN ? -magnitude : magnitude;
}
