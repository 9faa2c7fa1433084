/* ---- The known n-grams of a text ----------------------------------------------------------- */

typedef struct {
  ockham_reader reader;
  ockham_open open;
  size_t tokens;
  unsigned found, next; /* n-grams that end with the last token; which comes next */
  uint32_t rows[OCKHAM_NGRAM_WORDS];
} ockham_walk;

static void ockham_start(ockham_walk* walk, const char* text, size_t length) {
  memset(walk, 0, sizeof *walk);
  walk->reader.at = (const unsigned char*)text;
  walk->reader.end = walk->reader.at + length;
}

/* The row of the next known n-gram; 0 where there is none. */
static int ockham_next(ockham_walk* walk, uint32_t* row) {
  while (walk->next == walk->found) {
    walk->next = 0;
    if (ockham_skip(&walk->reader)) {
      ++walk->tokens;
      walk->found = ockham_read_rows(&walk->reader, &walk->open, walk->rows);
    } else if (walk->tokens > 0) {
      walk->found = ockham_length_rows(walk->tokens, &walk->open, walk->rows);
      walk->tokens = 0;
    } else {
      walk->found = 0;
      return 0;
    }
  }
  *row = walk->rows[walk->next++];
  return 1;
}
