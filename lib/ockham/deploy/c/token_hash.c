/* ---- Tokens: words and marks --------------------------------------------------------------- */

#define OCKHAM_MULTIPLIER 0x9E3779B97F4A7C15u

typedef struct {
  size_t size;     /* bytes of the token */
  int counted;     /* they have been counted: now they are hashed */
  int other;       /* it has a character that no known n-gram has */
  unsigned filled; /* bytes in `last` */
  uint64_t hash, last;
} ockham_token;

static void ockham_put_byte(ockham_token* token, unsigned char byte) {
  if (!token->counted) {
    ++token->size;
    return;
  }
  if (token->filled == 8) {
    token->hash = (token->hash ^ token->last) * OCKHAM_MULTIPLIER;
    token->hash ^= token->hash >> 32;
    token->last = token->filled = 0;
  }
  token->last |= (uint64_t)byte << 8 * token->filled++;
}

static void ockham_begin_hash(ockham_token* token) {
  token->counted = 1;
  token->hash = token->size * OCKHAM_MULTIPLIER;
  token->last = token->filled = 0;
  token->other = 0;
}
