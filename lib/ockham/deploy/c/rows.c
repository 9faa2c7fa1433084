/* A row of weights that is being read. The columns of those that are not 0 are bits: of one of the
   frequent shapes, or in the row itself. */
typedef struct {
  ockham_bits columns;
  unsigned next; /* column */
} ockham_row;

/* Starts to read a row; 0 if it is one of no n-gram, which has no weights. */
static int ockham_open_row(ockham_bits* bits, ockham_row* row) {
  const unsigned shape = ockham_symbol(bits, ockham_shape_code);
  row->columns.bytes = ockham_shapes;
  row->columns.at = shape * (uint32_t)OCKHAM_COLUMNS;
  row->next = shape == OCKHAM_NO_NGRAM ? OCKHAM_COLUMNS : 0;
  if (shape == OCKHAM_RARE_SHAPE) {
    row->columns = *bits;
    bits->at += OCKHAM_COLUMNS;
  }
  return shape != OCKHAM_NO_NGRAM;
}

/* The column and the bits of the next weight; 0 where there is none. */
static int ockham_next_weight(ockham_bits* bits, ockham_row* row, unsigned* column,
                              uint32_t* weight) {
  while (row->next < OCKHAM_COLUMNS) {
    *column = row->next++;
    if (ockham_raw(&row->columns, 1) == 0) continue;
    *weight = (uint32_t)ockham_symbol(bits, ockham_value_code) << OCKHAM_RAW_BITS;
    *weight |= ockham_raw(bits, OCKHAM_RAW_BITS);
    return 1;
  }
  return 0;
}

/* Goes behind a row; 0 if it is one of no n-gram. */
static int ockham_skip_row(ockham_bits* bits) {
  ockham_row row;
  unsigned column;
  uint32_t weight;
  const int is_ngram = ockham_open_row(bits, &row);
  while (ockham_next_weight(bits, &row, &column, &weight)) continue;
  return is_ngram;
}

/* The last block that begins with less than `key`, or the first one. */
static unsigned ockham_block(const ockham_blocks* blocks, unsigned count, uint32_t key) {
  unsigned low = 0, high = count;
  while (high - low > 1) {
    const unsigned middle = low + (high - low) / 2;
    if (blocks[middle].key < key) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return low;
}
