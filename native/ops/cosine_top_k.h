// The rows of a large matrix that point most nearly where a query points. Exact: every row is compared.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/status.h"
#include "core/team.h"
#include "core/tensor.h"
#include "dispatch/kernel_table.h"
#include "ops/weight_file.h"

namespace weft::ops {

// Rows that lie together: a matrix in memory, or a tensor of a file that is read as it is searched.
struct RowsPart {
  size_t rows = 0;
  DType dtype = DType::f32;          // f32 or f16
  const void* data = nullptr;        // [rows, width], aligned for its numbers
  size_t stride = 0;                 // in numbers
  const float* norms = nullptr;      // [rows] where they are known; null: computed on the way
  const WeightFile* file = nullptr;  // where the rows are mapped from; null for memory
};

struct TopKProblem {
  size_t queries = 0;
  size_t width = 0;
  size_t best = 0;                  // results per query, at most as many as there are rows
  const float* query = nullptr;     // [queries, width], finite
  std::span<const RowsPart> parts;  // one large matrix in pieces; rows are counted through all of them
};

// scores, places: [queries, best], best first; of equal scores the earlier row. Score: dot product over the
// product of both norms, each at least 1e-8 (as torch.nn.functional.cosine_similarity); one that is NaN
// counts as the lowest. Working memory does not grow with the rows. invalid_argument, not_finite (a query),
// bad_file (a file was written to since it was opened), out_of_memory, cancelled.
Status cosine_top_k(Team& team, const dispatch::KernelTable& table, const TopKProblem& problem, float* scores,
                    int32_t* places) noexcept;

}  // namespace weft::ops
