// The operators of one device, which stacks and handles call without knowing which device it is. The CPU
// supplies one set per instruction set (ops/cpu_operators.h); a CUDA library supplies the same set over its
// own memory. Contracts stand with the functions of the same names: ops/gemm.h, ops/attention.h, ops/rows.h,
// ops/packed_matrix.h.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "core/tensor.h"
#include "ops/attention.h"
#include "ops/gemm.h"
#include "ops/packed_matrix.h"
#include "ops/rows.h"

namespace weft::ops {

class Operators {
 public:
  virtual ~Operators() = default;
  Operators(const Operators&) = delete;
  Operators& operator=(const Operators&) = delete;

  virtual Device device() const noexcept = 0;

  virtual Status pack(Team& team, std::span<const WeightPart> parts, Precision precision,
                      std::shared_ptr<const PackedMatrix>& packed) const noexcept = 0;
  virtual Status adopt(size_t outputs, size_t inputs, Precision precision, const PackedMatrix::Layout& layout,
                       const void* panels, const void* scales, std::shared_ptr<const void> owner,
                       std::shared_ptr<const PackedMatrix>& packed) const noexcept = 0;
  virtual Status gemm(Team& team, size_t rows, const float* a, size_t a_stride, const PackedMatrix& weights,
                      const Epilogue& epilogue, float* out, size_t out_stride) const noexcept = 0;
  virtual Status attend(Team& team, const Attention& problem, float* out, size_t out_batch_stride,
                        size_t out_row_stride, size_t out_head_stride) const noexcept = 0;
  virtual Status attend_tree(Team& team, const Attention& branches, size_t shared_keys,
                             const HeadRows& shared_key, const HeadRows& shared_value, float* out,
                             size_t out_batch_stride, size_t out_row_stride,
                             size_t out_head_stride) const noexcept = 0;
  virtual void normalise_rows(Team& team, const Norm& norm, size_t rows, size_t width, const float* in,
                              size_t in_stride, float* out, size_t out_stride) const noexcept = 0;
  virtual void softmax_rows(Team& team, size_t rows, size_t width, const float* in, size_t in_stride,
                            float* out, size_t out_stride) const noexcept = 0;
  virtual void l2_normalise_rows(Team& team, float epsilon, size_t rows, size_t width, const float* in,
                                 size_t in_stride, float* out, size_t out_stride) const noexcept = 0;
  virtual void activate_rows(Team& team, Activation activation, size_t rows, size_t width, const float* in,
                             size_t in_stride, float* out, size_t out_stride) const noexcept = 0;
  virtual void rotate_rows(Team& team, size_t rows, size_t heads, size_t head_size, size_t rotary,
                           const float* cosines, const float* sines, float* data,
                           size_t row_stride) const noexcept = 0;

 protected:
  Operators() = default;
};

}  // namespace weft::ops
