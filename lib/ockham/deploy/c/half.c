/* The value of an IEEE 754 half: its bits as those of a float are 2^-112 of it. */
static float ockham_half(uint32_t half) {
  const uint32_t bits = (half & 0x8000u) << 16 | (half & 0x7FFFu) << 13;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value * 5192296858534827628530496329220096.0f;
}
