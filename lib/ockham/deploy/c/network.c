/* Numbers say where the matrices begin in ockham_weights. */
typedef struct {
  unsigned units, first_feature;
  unsigned input, recurrent, bias, recurrent_bias;
} ockham_direction;

typedef struct {
  unsigned inputs, units;
  unsigned weights, bias;
} ockham_dense;
