/* Of whole numbers that are multiplied by a scale. */
typedef struct {
  unsigned first; /* of its numbers */
  float scale;
} ockham_matrix;

static float ockham_weight(ockham_matrix matrix, size_t i) {
  return (float)ockham_weights[matrix.first + i] * matrix.scale;
}
