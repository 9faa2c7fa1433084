static unsigned ockham_length_rows(size_t tokens, ockham_open* open, uint32_t* rows) {
  (void)tokens, (void)open, (void)rows;
  return 0;
}
