/* Answers every line of the standard input with the probabilities of a model that was exported as
   model.c. */
#include <stdio.h>
#include <stdlib.h>

#include "model.h"

int main(void) {
  size_t length = 0, room = 1 << 16;
  char* line = malloc(room);
  float p[OCKHAM_CLASSES];
  int c, k;
  if (line == NULL) return 1;
  while ((c = getchar()) != EOF) {
    if (c != '\n') {
      if (length == room) line = realloc(line, room *= 2);
      if (line == NULL) return 1;
      line[length++] = (char)c;
      continue;
    }
    ockham_predict(line, length, p);
    for (k = 0; k < OCKHAM_CLASSES; ++k) printf(k == 0 ? "%.6f" : "\t%.6f", p[k]);
    printf("\n");
    length = 0;
  }
  free(line);
  return 0;
}
