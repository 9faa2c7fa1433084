/* A weight of the embedding: the bits of an IEEE 754 float. */
static float ockham_value(uint32_t bits, unsigned column) {
  float value;
  (void)column;
  memcpy(&value, &bits, sizeof value);
  return value;
}
