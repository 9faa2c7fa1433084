static void ockham_finish(const float* logits, float* probabilities) {
  float most = logits[0], sum = 0.0f;
  unsigned k;
  for (k = 1; k < OCKHAM_CLASSES; ++k) most = logits[k] > most ? logits[k] : most;
  for (k = 0; k < OCKHAM_CLASSES; ++k) {
    probabilities[k] = expf((logits[k] - most) * OCKHAM_INVERSE_TEMPERATURE);
    sum += probabilities[k];
  }
  for (k = 0; k < OCKHAM_CLASSES; ++k) probabilities[k] /= sum;
}
