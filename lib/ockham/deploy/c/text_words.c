/* The rows of the n-grams that end with a token that stands in no text. */
static unsigned ockham_text_rows(const char* text, ockham_open* open, uint32_t* rows) {
  ockham_token token;
  token.size = 0;
  for (; *text != '\0'; ++text) ockham_put_byte(&token, (unsigned char)*text);
  token.bytes[token.size <= OCKHAM_WORD_BYTES ? token.size : OCKHAM_WORD_BYTES] = '\0';
  return ockham_lookup(&token, open, rows);
}
