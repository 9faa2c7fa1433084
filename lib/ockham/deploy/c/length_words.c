/* The rows of the token that says how many tokens there are: few of them are known. */
static unsigned ockham_length_rows(size_t tokens, ockham_open* open, uint32_t* rows) {
  size_t i;
  for (i = 0; i < sizeof ockham_lengths / sizeof *ockham_lengths; ++i) {
    if (tokens >= ockham_lengths[i].first && tokens <= ockham_lengths[i].last) {
      return ockham_text_rows(ockham_lengths[i].text, open, rows);
    }
  }
  return 0;
}
