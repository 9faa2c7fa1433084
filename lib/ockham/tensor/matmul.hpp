#pragma once

#include "ockham/tensor/matrix.hpp"
#include "ockham/tensor/thread_pool.hpp"

/// Matrix products. The only place that knows oneDNN; everything is fp32 and row-major.
namespace ockham {

enum class Accumulate { no, yes };

/// C (+)= A B on the calling thread. A [m, k], B [k, n], C [m, n].
void matmul(ConstMatrixView a, ConstMatrixView b, MatrixView c, Accumulate accumulate);

/// The same with the rows of A and C shared out over the pool, in blocks that do not depend on the
/// number of threads.
void matmul(ThreadPool& pool, ConstMatrixView a, ConstMatrixView b, MatrixView c,
            Accumulate accumulate);

/// C += A^T B on the calling thread: a weight's gradient from its inputs A [tokens, m] and the
/// outputs' gradients B [tokens, n]. C [m, n].
void matmul_transposed(ConstMatrixView a, ConstMatrixView b, MatrixView c);

/// The same with the tokens cut into fixed blocks shared out over the pool; the blocks' products
/// are added in order.
void matmul_transposed(ThreadPool& pool, ConstMatrixView a, ConstMatrixView b, MatrixView c);

/// out = A^T. A [m, n], out [n, m].
void transpose(ConstMatrixView a, MatrixView out);

}  // namespace ockham
