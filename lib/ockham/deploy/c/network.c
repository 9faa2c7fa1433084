typedef struct {
  unsigned units, first_feature;
  ockham_matrix input, recurrent, bias, recurrent_bias;
} ockham_direction;

typedef struct {
  unsigned inputs, units;
  ockham_matrix weights, bias;
} ockham_dense;
