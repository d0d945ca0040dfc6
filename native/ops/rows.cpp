// See ops/rows.h.
#include "ops/rows.h"

#include "ops/row_blocks.h"

namespace weft::ops {

void normalise_rows(Team& team, const dispatch::KernelTable& table, const Norm& norm, size_t rows,
                    size_t width, const float* in, size_t in_stride, float* out, size_t out_stride) noexcept {
  const auto kernel = norm.kind == NormKind::layer ? table.rows_f32->layer_norm : table.rows_f32->rms_norm;
  for_row_blocks(team, rows, width, [&](size_t first, size_t count) {
    kernel(count, width, in + first * in_stride, in_stride, norm.weight, norm.bias, norm.epsilon,
           out + first * out_stride, out_stride);
  });
}

void softmax_rows(Team& team, const dispatch::KernelTable& table, size_t rows, size_t width, const float* in,
                  size_t in_stride, float* out, size_t out_stride) noexcept {
  for_row_blocks(team, rows, width, [&](size_t first, size_t count) {
    table.rows_f32->softmax(count, width, in + first * in_stride, in_stride, out + first * out_stride,
                            out_stride);
  });
}

void l2_normalise_rows(Team& team, const dispatch::KernelTable& table, float epsilon, size_t rows,
                       size_t width, const float* in, size_t in_stride, float* out,
                       size_t out_stride) noexcept {
  for_row_blocks(team, rows, width, [&](size_t first, size_t count) {
    table.rows_f32->l2_normalise(count, width, in + first * in_stride, in_stride, epsilon,
                                 out + first * out_stride, out_stride);
  });
}

void argmax_rows(Team& team, const dispatch::KernelTable& table, size_t rows, size_t width, const float* in,
                 size_t in_stride, int32_t* out) noexcept {
  for_row_blocks(team, rows, width, [&](size_t first, size_t count) {
    for (size_t row = first; row < first + count; ++row) {
      out[row] = static_cast<int32_t>(table.rows_f32->argmax(width, in + row * in_stride));
    }
  });
}

void activate_rows(Team& team, const dispatch::KernelTable& table, Activation activation, size_t rows,
                   size_t width, const float* in, size_t in_stride, float* out, size_t out_stride) noexcept {
  for_row_blocks(team, rows, width, [&](size_t first, size_t count) {
    table.rows_f32->activate(activation, count, width, in + first * in_stride, in_stride,
                             out + first * out_stride, out_stride);
  });
}

void rotate_rows(Team& team, const dispatch::KernelTable& table, size_t rows, size_t heads, size_t head_size,
                 size_t rotary, const float* cosines, const float* sines, float* data,
                 size_t row_stride) noexcept {
  const size_t half = rotary / 2;
  for_row_blocks(team, rows, heads * rotary, [&](size_t first, size_t count) {
    table.rows_f32->rotate(count, heads, head_size, half, cosines + first * half, sines + first * half,
                           data + first * row_stride, row_stride);
  });
}

}  // namespace weft::ops
