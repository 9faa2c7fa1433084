/* Whether a character, not of ASCII, is in no known n-gram. */
static int ockham_is_other(uint32_t c) {
  const uint32_t* at = ockham_characters;
  while (*at < c) ++at;
  return *at != c;
}
