static void ockham_finish(const float* logits, float* probabilities) {
  unsigned k;
  for (k = 0; k < OCKHAM_CLASSES; ++k) {
    probabilities[k] = 1.0f / (1.0f + expf(-logits[k] * OCKHAM_INVERSE_TEMPERATURE));
  }
}
