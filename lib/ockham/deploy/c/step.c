/* ---- The recurrent layer ------------------------------------------------------------------- */

typedef struct {
  size_t steps;
  float state[OCKHAM_UNITS], output[OCKHAM_UNITS];
} ockham_state;

/* sums = bias + the n-gram's row of the embedding times the input weights */
static void ockham_add_inputs(const ockham_direction* direction, uint32_t row, float* sums) {
  const unsigned gates = OCKHAM_GATES * direction->units;
  unsigned column, k;
  uint32_t weight;
  ockham_bits bits;
  ockham_row weights_left;
  for (k = 0; k < gates; ++k) sums[k] = ockham_weight(direction->bias, k);
  ockham_go_to(&bits, row);
  ockham_open_row(&bits, &weights_left);
  while (ockham_next_weight(&bits, &weights_left, &column, &weight)) {
    const float x = ockham_value(weight, column);
    for (k = 0; k < gates; ++k) sums[k] += x * ockham_weight(direction->input, column * gates + k);
  }
}

/* sums += the outputs of the step before times gates [first, last) of the recurrent weights */
static void ockham_add_outputs(const ockham_direction* direction, const ockham_state* state,
                               unsigned first, unsigned last, float* sums) {
  const unsigned units = direction->units;
  unsigned j, k;
  for (j = 0; j < units; ++j) {
    const unsigned row = j * OCKHAM_GATES * units;
    for (k = first * units; k < last * units; ++k) {
      sums[k] += state->output[j] * ockham_weight(direction->recurrent, row + k);
    }
  }
}

static void ockham_pool(const ockham_direction* direction, const ockham_state* state,
                        float* features) {
  unsigned p, j;
  features += direction->first_feature;
  for (p = 0; p < OCKHAM_POOLINGS; ++p) {
    for (j = 0; j < direction->units; ++j, ++features) {
      const float y = state->output[j];
      if (ockham_poolings[p] == OCKHAM_MEAN) {
        *features += y;
      } else if (ockham_poolings[p] == OCKHAM_LAST || state->steps == 0 || y > *features) {
        *features = y;
      }
    }
  }
}

static void ockham_divide_means(const ockham_direction* direction, size_t steps, float* features) {
  unsigned p, j;
  features += direction->first_feature;
  for (p = 0; p < OCKHAM_POOLINGS; ++p) {
    for (j = 0; j < direction->units; ++j, ++features) {
      if (ockham_poolings[p] == OCKHAM_MEAN && steps > 0) *features /= (float)steps;
    }
  }
}
