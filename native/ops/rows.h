// What happens to rows of numbers between matrix products: norms, softmax, sums. All work on [rows, width]
// floats at a stride, in parallel over rows; `out` may be `in`. Rows that hold NaN give NaN.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/activation.h"
#include "core/status.h"
#include "core/team.h"
#include "dispatch/kernel_table.h"

namespace weft::ops {

enum class NormKind : unsigned char { layer, rms };

// Layer norm (Ba et al. 2016): (x - mean) / sqrt(variance + epsilon) * weight + bias, biased variance, two
// passes. RMS norm (Zhang and Sennrich 2019): x / sqrt(mean of squares + epsilon) * weight. weight and bias
// may be null.
struct Norm {
  NormKind kind = NormKind::layer;
  const float* weight = nullptr;  // [width]
  const float* bias = nullptr;    // [width]
  float epsilon = 1e-5f;
};

void normalise_rows(Team& team, const dispatch::KernelTable& table, const Norm& norm, size_t rows,
                    size_t width, const float* in, size_t in_stride, float* out, size_t out_stride) noexcept;

// exp(x - max) / sum; a row of -infinity gives zeros.
void softmax_rows(Team& team, const dispatch::KernelTable& table, size_t rows, size_t width, const float* in,
                  size_t in_stride, float* out, size_t out_stride) noexcept;

// x / max(sqrt(sum of squares), epsilon), as torch.nn.functional.normalize; CLIP itself divides by the norm
// alone.
void l2_normalise_rows(Team& team, const dispatch::KernelTable& table, float epsilon, size_t rows,
                       size_t width, const float* in, size_t in_stride, float* out,
                       size_t out_stride) noexcept;

// out[row]: the first place of the row's largest number, of its first NaN where there is one, as
// torch.argmax. Width is not 0 and below 2^31.
void argmax_rows(Team& team, const dispatch::KernelTable& table, size_t rows, size_t width, const float* in,
                 size_t in_stride, int32_t* out) noexcept;

// out = activation(in).
void activate_rows(Team& team, const dispatch::KernelTable& table, Activation activation, size_t rows,
                   size_t width, const float* in, size_t in_stride, float* out, size_t out_stride) noexcept;

// Rotary positions (Su et al. 2021) on [rows, heads, head_size] in place, the half-split pairing of Hugging
// Face (element d with d + rotary / 2). cosines, sines: [rows, rotary / 2] for each row's position; elements
// from `rotary` on stay.
void rotate_rows(Team& team, const dispatch::KernelTable& table, size_t rows, size_t heads, size_t head_size,
                 size_t rotary, const float* cosines, const float* sines, float* data,
                 size_t row_stride) noexcept;

}  // namespace weft::ops
