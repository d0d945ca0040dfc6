// Rows that are zero but in few places, as relative representations are: raised to a power, brought to length
// 1, and multiplied with each other. Source: Norelli et al., ASIF (2023), section 2.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/status.h"
#include "core/team.h"

namespace weft::ops {

// As many numbers in each row: values[row][i] stands at places[row][i]; no place twice in one row.
struct SparseRows {
  size_t rows = 0;
  size_t best = 0;
  const int32_t* places = nullptr;  // [rows, best]
  const float* values = nullptr;    // [rows, best]
};

// out[row] = values[row]^power, brought to length 1; both [rows, best]. Computed in double: a small number to
// a high power is none in float. A row whose powers are all zero stays zero. invalid_argument for a power
// that is not above 0, cancelled.
Status sharpen_rows(Team& team, size_t rows, size_t best, const float* values, double power,
                    float* out) noexcept;

// out[left.rows, right.rows] = dot products of each left row with each right row, with sums in double whose
// order does not depend on the number of threads. Put the side with fewer rows left. invalid_argument for a
// place that is not below `columns`, out_of_memory, cancelled.
Status sparse_dots(Team& team, const SparseRows& left, const SparseRows& right, size_t columns,
                   float* out) noexcept;

}  // namespace weft::ops
