// See ops/cpu_operators.h. Binds the table of kernels, nothing else.
#include "ops/cpu_operators.h"

#include <map>
#include <mutex>
#include <utility>

namespace weft::ops {
namespace {

class CpuOperators final : public Operators {
 public:
  explicit CpuOperators(const dispatch::KernelTable& table) noexcept : table_(table) {}

  Device device() const noexcept override { return Device::cpu; }

  Status pack(Team& team, std::span<const WeightPart> parts, Precision precision,
              std::shared_ptr<const PackedMatrix>& packed) const noexcept override {
    return PackedMatrix::pack(table_, parts, precision, team, packed);
  }
  Status adopt(size_t outputs, size_t inputs, Precision precision, const PackedMatrix::Layout& layout,
               const void* panels, const void* scales, std::shared_ptr<const void> owner,
               std::shared_ptr<const PackedMatrix>& packed) const noexcept override {
    return PackedMatrix::adopt(table_, outputs, inputs, precision, layout, panels, scales, std::move(owner),
                               packed);
  }
  Status gemm(Team& team, size_t rows, const float* a, size_t a_stride, const PackedMatrix& weights,
              const Epilogue& epilogue, float* out, size_t out_stride) const noexcept override {
    return ops::gemm(team, table_, rows, a, a_stride, weights, epilogue, out, out_stride);
  }
  Status attend(Team& team, const Attention& problem, float* out, size_t out_batch_stride,
                size_t out_row_stride, size_t out_head_stride) const noexcept override {
    return ops::attend(team, table_, problem, out, out_batch_stride, out_row_stride, out_head_stride);
  }
  Status attend_tree(Team& team, const Attention& branches, size_t shared_keys, const HeadRows& shared_key,
                     const HeadRows& shared_value, float* out, size_t out_batch_stride, size_t out_row_stride,
                     size_t out_head_stride) const noexcept override {
    return ops::attend_tree(team, table_, branches, shared_keys, shared_key, shared_value, out,
                            out_batch_stride, out_row_stride, out_head_stride);
  }
  void normalise_rows(Team& team, const Norm& norm, size_t rows, size_t width, const float* in,
                      size_t in_stride, float* out, size_t out_stride) const noexcept override {
    ops::normalise_rows(team, table_, norm, rows, width, in, in_stride, out, out_stride);
  }
  void softmax_rows(Team& team, size_t rows, size_t width, const float* in, size_t in_stride, float* out,
                    size_t out_stride) const noexcept override {
    ops::softmax_rows(team, table_, rows, width, in, in_stride, out, out_stride);
  }
  void l2_normalise_rows(Team& team, float epsilon, size_t rows, size_t width, const float* in,
                         size_t in_stride, float* out, size_t out_stride) const noexcept override {
    ops::l2_normalise_rows(team, table_, epsilon, rows, width, in, in_stride, out, out_stride);
  }
  void activate_rows(Team& team, Activation activation, size_t rows, size_t width, const float* in,
                     size_t in_stride, float* out, size_t out_stride) const noexcept override {
    ops::activate_rows(team, table_, activation, rows, width, in, in_stride, out, out_stride);
  }
  void rotate_rows(Team& team, size_t rows, size_t heads, size_t head_size, size_t rotary,
                   const float* cosines, const float* sines, float* data,
                   size_t row_stride) const noexcept override {
    ops::rotate_rows(team, table_, rows, heads, head_size, rotary, cosines, sines, data, row_stride);
  }
  void argmax_rows(Team& team, size_t rows, size_t width, const float* in, size_t in_stride,
                   int32_t* out) const noexcept override {
    ops::argmax_rows(team, table_, rows, width, in, in_stride, out);
  }
  Status gather_rows(Team& team, size_t rows, size_t width, const float* in, std::span<const int32_t> indices,
                     float* out) const noexcept override {
    return ops::gather_rows(team, rows, width, in, indices, out);
  }
  void concat(Team& team, size_t rows, std::span<const ConcatPart> parts,
              float* out) const noexcept override {
    ops::concat(team, rows, parts, out);
  }
  Status permute_axes(Team& team, std::span<const size_t> shape, std::span<const size_t> axes,
                      const float* in, float* out) const noexcept override {
    return ops::permute_axes(team, table_, shape, axes, in, out);
  }
  Status add_numbers(Team& team, size_t count, const float* a, size_t period, const float* b, float scale,
                     float* out) const noexcept override {
    return ops::add_numbers(team, table_, count, a, period, b, scale, out);
  }
  Status multiply_numbers(Team& team, size_t count, const float* a, size_t period, const float* b,
                          float* out) const noexcept override {
    return ops::multiply_numbers(team, table_, count, a, period, b, out);
  }
  Status mean_axis(Team& team, size_t outer, size_t along, size_t inner, const float* in,
                   float* out) const noexcept override {
    return ops::mean_axis(team, outer, along, inner, in, out);
  }
  Status prepare_convolution(Team& team, const ConvolutionShape& shape, const ConvolutionWeights& weights,
                             Activation activation, Precision precision,
                             std::shared_ptr<const Convolution>& convolution) const noexcept override {
    return Convolution::create(table_, shape, weights, activation, precision, team, convolution);
  }
  Status convolve(Team& team, const Convolution& convolution, size_t batch, size_t height, size_t width,
                  const float* in, ImageLayout in_layout, const float* residual, float* out,
                  ImageLayout out_layout) const noexcept override {
    return convolution.run(team, table_, batch, height, width, in, in_layout, residual, out, out_layout);
  }
  Status prepare_transposed(
      Team& team, const ConvolutionShape& shape, size_t extra_y, size_t extra_x,
      const ConvolutionWeights& weights, Activation activation, Precision precision,
      std::shared_ptr<const TransposedConvolution>& convolution) const noexcept override {
    return TransposedConvolution::create(table_, shape, extra_y, extra_x, weights, activation, precision,
                                         team, convolution);
  }
  Status convolve_transposed(Team& team, const TransposedConvolution& convolution, size_t batch,
                             size_t height, size_t width, const float* in, ImageLayout in_layout, float* out,
                             ImageLayout out_layout) const noexcept override {
    return convolution.run(team, table_, batch, height, width, in, in_layout, out, out_layout);
  }
  Status resize_planes(Team& team, const PlaneResize& resize, const float* in,
                       float* out) const noexcept override {
    return ops::resize_planes(team, table_, resize, in, out);
  }
  Status cosine_top_k(Team& team, const TopKProblem& problem, float* scores,
                      int32_t* places) const noexcept override {
    return ops::cosine_top_k(team, table_, problem, scores, places);
  }
  Status sharpen_rows(Team& team, size_t rows, size_t best, const float* values, double power,
                      float* out) const noexcept override {
    return ops::sharpen_rows(team, rows, best, values, power, out);
  }
  Status sparse_dots(Team& team, const SparseRows& left, const SparseRows& right, size_t columns,
                     float* out) const noexcept override {
    return ops::sparse_dots(team, left, right, columns, out);
  }
  Status encode_masks(Team& team, size_t batch, size_t height, size_t width, const float* masks,
                      float threshold, std::vector<MaskRuns>& runs) const noexcept override {
    return ops::encode_masks(team, table_, batch, height, width, masks, threshold, runs);
  }
  Status sample_tokens(Team& team, const SamplingOptions& options, size_t rows, size_t vocabulary,
                       const float* logits, size_t stride,
                       std::span<const std::span<const int32_t>> histories, uint64_t seed, uint64_t draw,
                       int32_t* tokens) const noexcept override {
    return ops::sample_tokens(team, options, rows, vocabulary, logits, stride, histories, seed, draw, tokens);
  }

 private:
  const dispatch::KernelTable& table_;
};

}  // namespace

const Operators& cpu_operators(const dispatch::KernelTable& table) {
  // Tables are few and live as long as the process; so do their operators.
  static std::mutex mutex;
  static std::map<const dispatch::KernelTable*, CpuOperators> operators;
  const std::lock_guard<std::mutex> lock(mutex);
  return operators.try_emplace(&table, table).first->second;
}

}  // namespace weft::ops
