#include <ockham.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char** argv) { /* classify MODEL TEXT */
  ockham_error error;
  ockham_model* model = argc == 3 ? ockham_open(argv[1], &error) : NULL;
  if (model == NULL) {
    fprintf(stderr, "classify: %s\n", argc == 3 ? error.text : "expected MODEL TEXT");
    return EXIT_FAILURE;
  }
  const size_t classes = ockham_class_count(model);
  float* probabilities = malloc(classes * sizeof(float));
  const char* text = argv[2];
  const size_t length = strlen(text);
  int failed = probabilities == NULL;
  if (!failed) failed = ockham_predict(model, &text, &length, 1, probabilities, &error) != 0;
  if (failed) fprintf(stderr, "classify: %s\n", probabilities ? error.text : "out of memory");
  for (size_t c = 0; !failed && c < classes; ++c) {
    printf("%s\t%.6f\n", ockham_class_name(model, c), probabilities[c]);
  }
  free(probabilities);
  ockham_close(model);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
