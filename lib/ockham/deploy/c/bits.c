/* ---- Bits and codes ------------------------------------------------------------------------ */

typedef struct {
  const unsigned char* bytes; /* with three to spare at the end */
  uint32_t at;                /* the next bit, from the highest of the first byte on */
} ockham_bits;

/* The next 16 bits or more, the first of them the highest of 24. */
static uint32_t ockham_look(const ockham_bits* bits) {
  const unsigned char* bytes = bits->bytes + bits->at / 8;
  const uint32_t three = (uint32_t)bytes[0] << 16 | (uint32_t)bytes[1] << 8 | bytes[2];
  return three << bits->at % 8;
}

static uint32_t ockham_raw(ockham_bits* bits, unsigned count) {
  uint32_t value = 0;
  for (; count > 16; count -= 16, bits->at += 16) {
    value = value << 16 | (ockham_look(bits) >> 8 & 0xFFFFu);
  }
  value = value << count | (ockham_look(bits) & 0xFFFFFFu) >> (24 - count);
  bits->at += count;
  return value;
}

/* A symbol of a canonical Huffman code: how many symbols have 1, 2, ... 15 bits, then the symbols
   in the order of their codes. */
static unsigned ockham_symbol(ockham_bits* bits, const unsigned char* code) {
  const unsigned char* symbols = code + 15;
  uint32_t next = ockham_look(bits), value = 0;
  for (;; ++code) {
    next <<= 1;
    ++bits->at;
    value = value << 1 | (next >> 24 & 1u);
    if (value < *code) return symbols[value];
    value -= *code;
    symbols += *code;
  }
}
