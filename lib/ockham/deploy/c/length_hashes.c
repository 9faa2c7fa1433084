static char* ockham_put_number(char* end, double number) {
  char digits[24];
  unsigned count = 0;
  size_t left = (size_t)number;
  do digits[count++] = (char)('0' + left % 10);
  while ((left /= 10) > 0);
  while (count > 0) *end++ = digits[--count];
  return end;
}

/* The rows of the token that says how many tokens there are, in eight steps a doubling:
   "<length:24-26>". */
static unsigned ockham_length_rows(size_t tokens, ockham_open* open, uint32_t* rows) {
  char text[64] = "<length:";
  const double step = floor(8.0 * log2((double)tokens));
  const double first = ceil(exp2(step / 8.0)), last = ceil(exp2((step + 1.0) / 8.0)) - 1.0;
  char* end = ockham_put_number(text + strlen(text), first);
  if (last > first) {
    *end++ = '-';
    end = ockham_put_number(end, last);
  }
  *end++ = '>';
  *end = '\0';
  return ockham_text_rows(text, open, rows);
}
