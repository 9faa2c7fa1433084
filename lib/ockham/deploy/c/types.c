#include <math.h>
#include <stdint.h>
#include <string.h>

/* Where reading a table of characters may start: the state before the byte `at`. */
typedef struct {
  uint32_t first;
  uint16_t at;
  unsigned char which;
} ockham_place;

/* What a character is: a letter or digit; a symbol, which is a token of its own; a space; nothing;
   punctuation, where that is no token, and all of ASCII. Behind them the marks that go with the
   character before: OCKHAM_MARKS and twice their order, and one more where they are tokens. */
enum {
  OCKHAM_LETTER,
  OCKHAM_SYMBOL,
  OCKHAM_SPACE,
  OCKHAM_DROPPED,
  OCKHAM_PUNCTUATION,
  OCKHAM_MARKS
};
