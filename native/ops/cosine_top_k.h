// The rows of a large matrix that point most nearly where a query points. Exact: every row is compared.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/status.h"
#include "core/team.h"
#include "dispatch/kernel_table.h"

namespace weft::ops {

struct TopKProblem {
  size_t queries = 0;
  size_t rows = 0;
  size_t width = 0;
  size_t best = 0;                // results per query, at most rows
  const float* query = nullptr;   // [queries, width], finite
  const float* matrix = nullptr;  // [rows, width]
  size_t matrix_stride = 0;       // in floats
  const float* norms = nullptr;   // [rows] of the matrix where they are known; null: computed on the way
};

// scores, places: [queries, best], best first; of equal scores the earlier row. Score: dot product over the
// product of both norms, each at least 1e-8 (as torch.nn.functional.cosine_similarity); one that is NaN
// counts as the lowest. invalid_argument, not_finite (a query), out_of_memory, cancelled.
Status cosine_top_k(Team& team, const dispatch::KernelTable& table, const TopKProblem& problem, float* scores,
                    int32_t* places) noexcept;

}  // namespace weft::ops
