/* Ockham for C: classify texts with a deployable file. Link the libraries of ockham::deploy with a
 * C++ linker (pkg-config --libs --static ockham).
 *
 * No function throws, prints or ends the program. A model may be used by any number of threads at
 * a time. Strings are UTF-8 and end with a zero byte; texts are any bytes. */
#ifndef OCKHAM_H_
#define OCKHAM_H_

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ockham_model ockham_model;

/* What went wrong, in one line, cut if it is too long. */
typedef struct ockham_error {
  char text[512];
} ockham_error;

/* Opens a file that "ockham compress" wrote. Returns a model for ockham_close(), or NULL and the
 * error, which may be NULL where it is not wanted: no such file, damaged, written by a newer
 * version, out of memory. */
ockham_model* ockham_open(const char* path, ockham_error* error);

/* The same for such a file's bytes, which are not needed afterwards. */
ockham_model* ockham_open_bytes(const void* bytes, size_t size, ockham_error* error);

/* Frees the model and what its functions gave; NULL is allowed. */
void ockham_close(ockham_model* model);

size_t ockham_class_count(const ockham_model* model);

/* The name of a class, index below ockham_class_count(); belongs to the model. */
const char* ockham_class_name(const ockham_model* model, size_t index);

/* From which probability on a text has a class, for each class, where it may have any number of
 * them; NULL where it has one, the most probable. Belongs to the model. */
const float* ockham_thresholds(const ockham_model* model);

/* Classifies `count` texts of `lengths` bytes each: probabilities[i * class count + k] is that of
 * class k for text i. A text's probabilities do not depend on the others. Sixteen
 * texts and more in a call are faster than one by one. Returns 0, or -1 and the error (out of
 * memory), when the probabilities are not to be used. */
int ockham_predict(const ockham_model* model, const char* const* texts, const size_t* lengths,
                   size_t count, float* probabilities, ockham_error* error);

#ifdef __cplusplus
}
#endif

#endif /* OCKHAM_H_ */
