// The operators of one device, which stacks and handles call without knowing which device it is. The CPU
// supplies one set per instruction set (ops/cpu_operators.h); a CUDA library supplies the same set over its
// own memory. Contracts stand with the functions of the same names, in the headers included here.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "core/tensor.h"
#include "ops/arrange.h"
#include "ops/attention.h"
#include "ops/combine.h"
#include "ops/convolution.h"
#include "ops/cosine_top_k.h"
#include "ops/gemm.h"
#include "ops/mask_runs.h"
#include "ops/packed_matrix.h"
#include "ops/resize_planes.h"
#include "ops/rows.h"
#include "ops/sampling.h"
#include "ops/sparse_rows.h"
#include "ops/transposed_convolution.h"

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
  virtual void argmax_rows(Team& team, size_t rows, size_t width, const float* in, size_t in_stride,
                           int32_t* out) const noexcept = 0;

  virtual Status gather_rows(Team& team, size_t rows, size_t width, const float* in,
                             std::span<const int32_t> indices, float* out) const noexcept = 0;
  virtual void concat(Team& team, size_t rows, std::span<const ConcatPart> parts,
                      float* out) const noexcept = 0;
  virtual Status permute_axes(Team& team, std::span<const size_t> shape, std::span<const size_t> axes,
                              const float* in, float* out) const noexcept = 0;
  virtual Status add_numbers(Team& team, size_t count, const float* a, size_t period, const float* b,
                             float scale, float* out) const noexcept = 0;
  virtual Status multiply_numbers(Team& team, size_t count, const float* a, size_t period, const float* b,
                                  float* out) const noexcept = 0;
  virtual Status mean_axis(Team& team, size_t outer, size_t along, size_t inner, const float* in,
                           float* out) const noexcept = 0;

  virtual Status prepare_convolution(Team& team, const ConvolutionShape& shape,
                                     const ConvolutionWeights& weights, Activation activation,
                                     Precision precision,
                                     std::shared_ptr<const Convolution>& convolution) const noexcept = 0;
  virtual Status convolve(Team& team, const Convolution& convolution, size_t batch, size_t height,
                          size_t width, const float* in, ImageLayout in_layout, const float* residual,
                          float* out, ImageLayout out_layout) const noexcept = 0;
  virtual Status prepare_transposed(
      Team& team, const ConvolutionShape& shape, size_t extra_y, size_t extra_x,
      const ConvolutionWeights& weights, Activation activation, Precision precision,
      std::shared_ptr<const TransposedConvolution>& convolution) const noexcept = 0;
  virtual Status convolve_transposed(Team& team, const TransposedConvolution& convolution, size_t batch,
                                     size_t height, size_t width, const float* in, ImageLayout in_layout,
                                     float* out, ImageLayout out_layout) const noexcept = 0;

  virtual Status resize_planes(Team& team, const PlaneResize& resize, const float* in,
                               float* out) const noexcept = 0;
  virtual Status cosine_top_k(Team& team, const TopKProblem& problem, float* scores,
                              int32_t* places) const noexcept = 0;
  virtual Status sharpen_rows(Team& team, size_t rows, size_t best, const float* values, double power,
                              float* out) const noexcept = 0;
  virtual Status sparse_dots(Team& team, const SparseRows& left, const SparseRows& right, size_t columns,
                             float* out) const noexcept = 0;
  virtual Status encode_masks(Team& team, size_t batch, size_t height, size_t width, const float* masks,
                              float threshold, std::vector<MaskRuns>& runs) const noexcept = 0;
  virtual Status sample_tokens(Team& team, const SamplingOptions& options, size_t rows, size_t vocabulary,
                               const float* logits, size_t stride,
                               std::span<const std::span<const int32_t>> histories, uint64_t seed,
                               uint64_t draw, int32_t* tokens) const noexcept = 0;

 protected:
  Operators() = default;
};

}  // namespace weft::ops
