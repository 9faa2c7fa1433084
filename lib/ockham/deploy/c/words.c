/* ---- The vocabulary: words, and n-grams as steps from one word to the next ------------------ */

#define OCKHAM_NONE 0xFFFFFFFFu    /* no word, no n-gram */
#define OCKHAM_IS_STEP 0x80000000u /* of a row: it stands among the steps */

/* The number of a word, OCKHAM_NONE if there is no such word; `bits` then stand at its row. The
   words are in ascending order: each has the number of bytes shared with the one before, and the
   bytes that follow. */
static uint32_t ockham_find_word(const ockham_token* token, ockham_bits* bits) {
  char word[OCKHAM_WORD_BYTES + 1];
  const uint32_t key =
      (uint32_t)(unsigned char)token->bytes[0] << 8 | (unsigned char)token->bytes[1];
  unsigned block = ockham_block(ockham_word_blocks, OCKHAM_WORD_BLOCKS, key);
  uint32_t number = block * (uint32_t)OCKHAM_BLOCK;
  if (token->size > OCKHAM_WORD_BYTES) return OCKHAM_NONE;
  bits->bytes = ockham_words;
  for (; number < OCKHAM_WORDS; ++number) {
    unsigned at;
    int order;
    if (number % OCKHAM_BLOCK == 0) bits->at = (uint32_t)ockham_word_blocks[block++].at * 8u;
    at = ockham_symbol(bits, ockham_shared_code);
    while ((word[at] = (char)ockham_symbol(bits, ockham_byte_code)) != '\0') ++at;
    order = strcmp(word, token->bytes);
    if (order == 0) return number;
    if (order > 0) break;
    ockham_skip_row(bits);
  }
  return OCKHAM_NONE;
}

/* The number of the n-gram that a word makes of a shorter one, or OCKHAM_NONE; `bits` then stand at
   its row. They are in ascending order of the shorter ones: each has the distance from that of the
   one before, and the word: one of the frequent ones, or its number. */
static uint32_t ockham_find_step(uint32_t shorter, uint32_t word, ockham_bits* bits) {
  unsigned block = ockham_block(ockham_step_blocks, OCKHAM_STEP_BLOCKS, shorter);
  uint32_t number = block * (uint32_t)OCKHAM_BLOCK, from = 0, last, distance;
  bits->bytes = ockham_steps;
  for (; number < OCKHAM_STEPS; ++number) {
    if (number % OCKHAM_BLOCK == 0) {
      from = ockham_step_blocks[block].key;
      bits->at = (uint32_t)ockham_step_blocks[block++].at * 8u;
    }
    distance = ockham_symbol(bits, ockham_distance_code);
    if (distance == OCKHAM_FAR) distance = ockham_raw(bits, OCKHAM_FAR_BITS);
    last = ockham_symbol(bits, ockham_frequent_code);
    last = last == OCKHAM_RARE ? ockham_raw(bits, OCKHAM_WORD_BITS) : ockham_frequent[last];
    from += distance;
    if (from > shorter) break;
    if (from == shorter && last == word) return OCKHAM_WORDS + number;
    ockham_skip_row(bits);
  }
  return OCKHAM_NONE;
}

/* What a text has begun and not ended: the n-grams that its next token may go on with, the shorter
   first. */
typedef struct {
  unsigned count;
  uint32_t ngrams[OCKHAM_NGRAM_WORDS];
} ockham_open;

/* The rows of the n-grams that end with a token, the shorter first; returns how many. A row of the
   steps is given with OCKHAM_IS_STEP. */
static unsigned ockham_lookup(const ockham_token* token, ockham_open* open, uint32_t* rows) {
  ockham_open next;
  ockham_bits bits;
  unsigned found = 0, i;
  const uint32_t word = ockham_find_word(token, &bits);
  next.count = 0;
  if (word != OCKHAM_NONE) {
    const uint32_t row = bits.at;
    next.ngrams[next.count++] = word;
    if (ockham_skip_row(&bits)) rows[found++] = row;
    for (i = 0; i < open->count; ++i) {
      const uint32_t ngram = ockham_find_step(open->ngrams[i], word, &bits);
      if (ngram == OCKHAM_NONE) continue;
      next.ngrams[next.count++] = ngram;
      rows[found] = bits.at | OCKHAM_IS_STEP;
      if (ockham_skip_row(&bits)) ++found;
    }
  }
  *open = next;
  return found;
}

static void ockham_go_to(ockham_bits* bits, uint32_t row) {
  bits->bytes = row & OCKHAM_IS_STEP ? ockham_steps : ockham_words;
  bits->at = row & ~OCKHAM_IS_STEP;
}

/* Reads a token and gives the rows of the n-grams that end with it. */
static unsigned ockham_read_rows(ockham_reader* reader, ockham_open* open, uint32_t* rows) {
  ockham_token token;
  token.size = 0;
  ockham_read(reader, &token);
  token.bytes[token.size <= OCKHAM_WORD_BYTES ? token.size : OCKHAM_WORD_BYTES] = '\0';
  return ockham_lookup(&token, open, rows);
}
