/* ---- Characters: UTF-8, folded and normalised ---------------------------------------------- */

#define OCKHAM_END 0xFFFFFFFFu /* after the last character */
#define OCKHAM_AHEAD 6         /* characters that the end of a token may hang on */
#define OCKHAM_MOST_MARKS 30   /* marks that are normalised together with the character before */

typedef struct {
  const unsigned char *at, *end;    /* what has not been decoded */
  unsigned seen;                    /* characters in `ahead` */
  unsigned next, count;             /* the characters of `cluster` that follow them */
  uint32_t ahead[OCKHAM_AHEAD];     /* normalised characters, the next one first */
  uint32_t cluster[OCKHAM_CLUSTER]; /* a character and the marks on it, normalised */
} ockham_reader;

/* A number: how many bits it has is coded, those behind the highest follow. */
static uint32_t ockham_number(ockham_bits* bits, const unsigned char* code) {
  const unsigned width = ockham_symbol(bits, code);
  return width < 2 ? width : (uint32_t)1 << (width - 1) | ockham_raw(bits, width - 1);
}

/* Goes to the last place of a table at or before a character. */
static const ockham_place* ockham_find(const unsigned char* table, const ockham_place* places,
                                       uint32_t c, ockham_bits* bits) {
  while (places[1].first <= c) ++places;
  bits->bytes = table;
  bits->at = places->at * 8u;
  return places;
}

/* The class of a character that is not of ASCII. The table has runs of characters: the step from
   the class before, and the length less one. */
static unsigned ockham_class(uint32_t c) {
  ockham_bits bits;
  const ockham_place* place = ockham_find(ockham_kinds, ockham_kind_places, c, &bits);
  uint32_t first = place->first;
  unsigned which = place->which;
  do {
    which = (which + ockham_symbol(&bits, ockham_kind_step_code)) % OCKHAM_KINDS;
    first += ockham_number(&bits, ockham_kind_length_code) + 1;
  } while (c >= first);
  return which;
}

static unsigned ockham_kind(uint32_t c) {
  if (c == OCKHAM_END) return OCKHAM_SPACE;
  if (c >= 0x80) return ockham_class(c);
  if ((c | 32u) - 'a' < 26u || c - '0' < 10u) return OCKHAM_LETTER;
  return c <= ' ' || c == 0x7F ? OCKHAM_SPACE : OCKHAM_PUNCTUATION;
}

static int ockham_is_word(uint32_t c) {
  const unsigned kind = ockham_kind(c);
  return kind == OCKHAM_LETTER || (kind >= OCKHAM_MARKS && (kind - OCKHAM_MARKS) % 2 == 0);
}

/* Decodes a character. Of bytes that are not UTF-8 it takes the longest beginning of one, and gives
   OCKHAM_END. */
static uint32_t ockham_decode(const unsigned char** text, const unsigned char* end) {
  const unsigned char* at = *text;
  const unsigned lead = *at++;
  unsigned more = lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
  unsigned low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  unsigned high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  uint32_t c = lead & (0x3Fu >> more);
  *text = at;
  if (lead < 0x80) return lead;
  if (lead < 0xC2 || lead > 0xF4) return OCKHAM_END;
  for (; more > 0; --more) {
    if (at == end || *at < low || *at > high) return OCKHAM_END;
    c = c << 6 | (*at & 0x3Fu);
    *text = ++at;
    low = 0x80;
    high = 0xBF;
  }
  return c;
}

/* Appends what folding and decomposing make of a character. The table has runs: the distance from
   the last of the run before; the length less one, times three, plus how it goes on (0: by one,
   1: by two, 2: by one, all become the same); how many parts; the parts, a single one by the
   distance to it with its sign in the lowest bit. */
static void ockham_append(ockham_reader* reader, uint32_t c) {
  uint32_t first, run, stride, parts, part;
  ockham_bits bits;
  if (c < 0x80) {
    if (OCKHAM_FOLDS && c - 'A' < 26u) c += 32;
    if (OCKHAM_FOLDS_NUMBERS && c - '0' < 10u) c = '0';
    reader->cluster[reader->count++] = c;
    return;
  }
  if (ockham_class(c) == OCKHAM_DROPPED) return;
  first = ockham_find(ockham_foldings, ockham_folding_places, c - 1, &bits)->first;
  while ((first += ockham_number(&bits, ockham_number_code)) <= c) {
    run = ockham_number(&bits, ockham_number_code);
    stride = run % 3 == 1 ? 2 : 1;
    parts = ockham_number(&bits, ockham_number_code);
    if ((c - first) % stride == 0 && (c - first) / stride <= run / 3) {
      if (parts > 1) {
        while (parts-- > 0)
          reader->cluster[reader->count++] = ockham_number(&bits, ockham_number_code);
        return;
      }
      part = ockham_number(&bits, ockham_number_code);
      if (run % 3 == 2) c = first;
      c = part % 2 ? c - part / 2 : c + part / 2;
      break;
    }
    while (parts-- > 0) ockham_number(&bits, ockham_number_code);
    first += run / 3 * stride;
  }
  reader->cluster[reader->count++] = c;
}

/* The place of a mark among others, 0 for what is no mark. */
static unsigned ockham_order(uint32_t c) {
  const unsigned kind = ockham_kind(c);
  return kind < OCKHAM_MARKS ? 0 : (kind - OCKHAM_MARKS) / 2;
}

/* What a character and a mark make together, or 0. The table has pairs in the order of the marks:
   the distance from the mark before; the character, of the same mark as the distance from the one
   before; and the distance to the whole with its sign in the lowest bit. */
static uint32_t ockham_compose(uint32_t a, uint32_t b) {
  ockham_bits bits;
  uint32_t first = 0, distance;
  uint32_t second = ockham_find(ockham_pairs, ockham_pair_places, b - 1, &bits)->first;
#if OCKHAM_HANGUL
  if (a - 0x1100u < 19u && b - 0x1161u < 21u) {
    return 0xAC00u + ((a - 0x1100u) * 21u + b - 0x1161u) * 28u;
  }
  if (a - 0xAC00u < 11172u && (a - 0xAC00u) % 28u == 0 && b - 0x11A7u < 28u) {
    return a + b - 0x11A7u;
  }
#endif
  for (;;) {
    distance = ockham_number(&bits, ockham_number_code);
    if (distance > 0) first = 0;
    second += distance;
    first += ockham_number(&bits, ockham_number_code);
    distance = ockham_number(&bits, ockham_number_code);
    if (second > b) return 0;
    if (second == b && first == a) return distance % 2 ? a - distance / 2 : a + distance / 2;
  }
}

/* Brings the marks of a cluster into order and composes what can be. */
static void ockham_normalize(ockham_reader* reader) {
  uint32_t* cluster = reader->cluster;
  unsigned i, j, kept = 0, base = OCKHAM_CLUSTER;
  unsigned last = 0; /* one more than the highest order since the base */
  for (i = 1; i < reader->count; ++i) {
    const uint32_t c = cluster[i];
    const unsigned order = ockham_order(c);
    for (j = i; order > 0 && j > 0 && ockham_order(cluster[j - 1]) > order; --j) {
      cluster[j] = cluster[j - 1];
    }
    cluster[j] = c;
  }
  for (i = 0; i < reader->count; ++i) {
    const uint32_t c = cluster[i];
    const unsigned order = ockham_order(c);
    if (base < OCKHAM_CLUSTER && order >= last) {
      const uint32_t whole = ockham_compose(cluster[base], c);
      if (whole != 0) {
        cluster[base] = whole;
        continue;
      }
    }
    if (order == 0) {
      base = kept;
      last = 0;
    } else if (order >= last) {
      last = order + 1;
    }
    cluster[kept++] = c;
  }
  reader->count = kept;
}

/* Reads a character with the marks on it into the cluster. */
static void ockham_fill(ockham_reader* reader) {
  const uint32_t c = ockham_decode(&reader->at, reader->end);
  unsigned marks = 0;
  reader->next = reader->count = 0;
  if (c == OCKHAM_END) {
    reader->cluster[reader->count++] = 0xFFFD;
    return;
  }
  ockham_append(reader, c);
  while (marks < OCKHAM_MOST_MARKS && reader->at < reader->end && *reader->at >= 0x80) {
    const unsigned char* at = reader->at;
    const uint32_t mark = ockham_decode(&at, reader->end);
    const unsigned kind = ockham_kind(mark);
    if (mark == 0x200B || (kind != OCKHAM_DROPPED && kind < OCKHAM_MARKS)) break;
    ockham_append(reader, mark);
    reader->at = at;
    ++marks;
  }
  if (marks == 0 && (c == 0x2019 || c == 0x200B)) {
    reader->cluster[0] = c == 0x2019 ? '\'' : ' ';
    reader->count = 1;
  } else if (reader->count > 1) {
    ockham_normalize(reader);
  }
}

/* The character that comes after `i` others, or OCKHAM_END. */
static uint32_t ockham_peek(ockham_reader* reader, unsigned i) {
  while (reader->seen <= i) {
    while (reader->next == reader->count) {
      if (reader->at == reader->end) return OCKHAM_END;
      ockham_fill(reader);
    }
    reader->ahead[reader->seen++] = reader->cluster[reader->next++];
  }
  return reader->ahead[i];
}

static uint32_t ockham_take(ockham_reader* reader) {
  const uint32_t c = ockham_peek(reader, 0);
  unsigned i;
  if (reader->seen > 0) --reader->seen;
  for (i = 0; i < reader->seen; ++i) reader->ahead[i] = reader->ahead[i + 1];
  return c;
}
