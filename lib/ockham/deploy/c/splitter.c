static void ockham_put(ockham_token* token, uint32_t c) {
  if (c < 0x80) {
    ockham_put_byte(token, (unsigned char)c);
    return;
  }
#ifdef OCKHAM_OTHER_HASH
  token->other |= ockham_is_other(c);
#endif
  if (c < 0x800) {
    ockham_put_byte(token, (unsigned char)(0xC0 | c >> 6));
  } else {
    if (c < 0x10000) {
      ockham_put_byte(token, (unsigned char)(0xE0 | c >> 12));
    } else {
      ockham_put_byte(token, (unsigned char)(0xF0 | c >> 18));
      ockham_put_byte(token, (unsigned char)(0x80 | (c >> 12 & 0x3F)));
    }
    ockham_put_byte(token, (unsigned char)(0x80 | (c >> 6 & 0x3F)));
  }
  ockham_put_byte(token, (unsigned char)(0x80 | (c & 0x3F)));
}

static int ockham_is_ascii_word(uint32_t c) {
  return c < 0x80 && ockham_kind(c) == OCKHAM_LETTER;
}

/* How many characters, from a space on, belong to the word before it: treebanks write "do n't" and
   "it 's" for "don't" and "it's". */
static unsigned ockham_contraction(ockham_reader* reader) {
  static const char endings[] = "s t d m revellS T D M REVELL";
  uint32_t* const a = reader->ahead;
  unsigned i, letters = 0;
  ockham_peek(reader, OCKHAM_AHEAD - 1);
  for (i = reader->seen; i < OCKHAM_AHEAD; ++i) a[i] = OCKHAM_END;
  if (a[0] != ' ') return 0;
  if ((a[1] == 'n' || a[1] == 'N') && a[2] == '\'' && a[3] == a[1] + 't' - 'n') {
    return ockham_is_word(a[a[4] == '\'' ? 5 : 4]) ? 0 : 4;
  }
  if (a[1] != '\'') return 0;
  while (letters < 3 && ockham_is_ascii_word(a[2 + letters])) ++letters;
  if (letters % 3 == 0) return 0;
  if (a[2 + letters] == '\'' || (a[2 + letters] >= 0x80 && a[2 + letters] != OCKHAM_END)) return 0;
  for (i = 0; i + 1 < sizeof endings; i += 2) {
    if (a[2] == (unsigned char)endings[i] &&
        (letters == 1 ? ' ' : a[3]) == (unsigned char)endings[i + 1]) {
      return 2 + letters;
    }
  }
  return 0;
}

/* Goes on to the next token; 0 where there is none. */
static int ockham_skip(ockham_reader* reader) {
  for (;;) {
    const uint32_t c = ockham_peek(reader, 0);
    const unsigned kind = ockham_kind(c);
    if (c == OCKHAM_END) return 0;
    if (kind != OCKHAM_SPACE && (kind != OCKHAM_PUNCTUATION || OCKHAM_TAKES_PUNCTUATION)) return 1;
    ockham_take(reader);
  }
}

/* Reads the token that the reader is at. */
static void ockham_read(ockham_reader* reader, ockham_token* token) {
  uint32_t last = ockham_take(reader);
  unsigned more;
  ockham_put(token, last);
  if (!ockham_is_word(last)) return;
  for (;;) {
    const uint32_t c = ockham_peek(reader, 0);
    if (c == '\'' && ockham_is_word(ockham_peek(reader, 1))) {
      ockham_put(token, ockham_take(reader));
    } else if (!ockham_is_word(c)) {
      break;
    }
    last = ockham_take(reader);
    ockham_put(token, last);
  }
  if (!ockham_is_ascii_word(last)) return;
  more = ockham_contraction(reader);
  if (more == 0) return;
  ockham_take(reader);
  while (--more > 0) ockham_put(token, ockham_take(reader));
}
