/* ---- Tokens: words and marks --------------------------------------------------------------- */

typedef struct {
  size_t size; /* bytes, also those past the buffer */
  char bytes[OCKHAM_WORD_BYTES + 1];
} ockham_token;

static void ockham_put_byte(ockham_token* token, unsigned char byte) {
  if (token->size < OCKHAM_WORD_BYTES) token->bytes[token->size] = (char)byte;
  ++token->size;
}
