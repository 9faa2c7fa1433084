typedef unsigned ockham_matrix; /* its first number */

static float ockham_weight(ockham_matrix matrix, size_t i) {
  return ockham_half(ockham_weights[matrix + i]);
}
