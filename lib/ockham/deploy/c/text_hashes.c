/* The rows of the n-grams that end with a token that stands in no text. */
static unsigned ockham_text_rows(const char* text, ockham_open* open, uint32_t* rows) {
  ockham_token token;
  token.size = strlen(text);
  ockham_begin_hash(&token);
  for (; *text != '\0'; ++text) ockham_put_byte(&token, (unsigned char)*text);
  return ockham_lookup(&token, open, rows);
}
