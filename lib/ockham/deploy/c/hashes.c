/* ---- The vocabulary: hashes of n-grams ------------------------------------------------------ */

static uint64_t ockham_mix(uint64_t x) {
  x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
  x = (x ^ x >> 27) * 0x94D049BB133111EBu;
  return x ^ x >> 31;
}

/* Whether a bucket is known; `bits` then stand at its row. The buckets are in ascending order, each
   has the distance from the one before, the first of a block from where the block begins. */
static int ockham_find_bucket(uint32_t bucket, ockham_bits* bits) {
  unsigned block =
      ockham_block(ockham_bucket_blocks, OCKHAM_BUCKET_BLOCKS, bucket >> OCKHAM_KEY_SHIFT);
  uint32_t number = block * (uint32_t)OCKHAM_BLOCK, at = 0;
  bits->bytes = ockham_buckets;
  for (; number < OCKHAM_BUCKETS; ++number) {
    if (number % OCKHAM_BLOCK == 0) {
      at = (uint32_t)ockham_bucket_blocks[block].key << OCKHAM_KEY_SHIFT;
      bits->at = (uint32_t)ockham_bucket_blocks[block++].at * 8u;
    }
    at += (uint32_t)ockham_symbol(bits, ockham_distance_code) << OCKHAM_DISTANCE_BITS;
    at += ockham_raw(bits, OCKHAM_DISTANCE_BITS);
    if (at >= bucket) return at == bucket;
    ockham_skip_row(bits);
  }
  return 0;
}

/* What a text has begun and not ended: the hashes of the n-grams that its next token goes on with,
   the shorter first. */
typedef struct {
  unsigned count;
  uint64_t hashes[OCKHAM_NGRAM_WORDS];
} ockham_open;

/* The rows of the n-grams that end with a token, the shorter first; returns how many. */
static unsigned ockham_lookup(const ockham_token* token, ockham_open* open, uint32_t* rows) {
  uint64_t word = ockham_mix(token->hash ^ token->last);
  ockham_open next;
  unsigned found = 0, i;
#ifdef OCKHAM_OTHER_HASH
  if (token->other) word = OCKHAM_OTHER_HASH;
#endif
  next.count = 0;
  for (i = 0; i <= open->count; ++i) {
    const uint64_t hash = i == 0 ? word : open->hashes[i - 1] * OCKHAM_MULTIPLIER + word;
    const uint64_t bucket = ockham_mix(hash + OCKHAM_SEED * 0xD6E8FEB86659FD93u);
    ockham_bits bits;
    if (ockham_find_bucket((uint32_t)(bucket >> (64 - OCKHAM_HASH_BITS)), &bits)) {
      rows[found] = bits.at;
      if (ockham_skip_row(&bits)) ++found;
    }
    if (i + 1 < OCKHAM_NGRAM_WORDS) next.hashes[next.count++] = hash;
  }
  *open = next;
  return found;
}

static void ockham_go_to(ockham_bits* bits, uint32_t row) {
  bits->bytes = ockham_buckets;
  bits->at = row;
}

/* Reads a token and gives the rows of the n-grams that end with it. A hash begins with the number
   of bytes: the token is read twice. */
static unsigned ockham_read_rows(ockham_reader* reader, ockham_open* open, uint32_t* rows) {
  ockham_reader ahead = *reader;
  ockham_token token;
  token.size = 0;
  token.counted = token.other = 0;
  ockham_read(&ahead, &token);
  ockham_begin_hash(&token);
  ockham_read(reader, &token);
  return ockham_lookup(&token, open, rows);
}
