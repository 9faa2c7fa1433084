static void ockham_finish(const float* logits, float* probabilities) {
  probabilities[1] = 1.0f / (1.0f + expf(-logits[0] * OCKHAM_INVERSE_TEMPERATURE));
  probabilities[0] = 1.0f - probabilities[1];
}
