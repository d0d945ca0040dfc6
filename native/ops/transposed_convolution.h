// Two-dimensional transposed convolution (PyTorch's ConvTranspose2d): every input pixel adds its kernel,
// `stride` pixels apart, to the result. Each result pixel is computed once, in one place, so the sums do not
// depend on the number of threads.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "core/activation.h"
#include "core/status.h"
#include "core/team.h"
#include "dispatch/kernel_table.h"
#include "ops/convolution_shape.h"
#include "ops/convolution_weights.h"
#include "ops/packed_matrix.h"
#include "ops/patch_product.h"

namespace weft::ops {

class TransposedConvolution {
 public:
  // weights: [inputs][outputs / groups][y][x], as torch.nn.ConvTranspose2d stores them; copied. extra_y,
  // extra_x: output_padding. invalid_argument, out_of_memory, cancelled, not_finite (a weight after folding).
  static Status create(const dispatch::KernelTable& table, const ConvolutionShape& shape, size_t extra_y,
                       size_t extra_x, const ConvolutionWeights& weights, Activation activation,
                       Precision precision, Team& team,
                       std::shared_ptr<const TransposedConvolution>& convolution) noexcept;

  const ConvolutionShape& shape() const noexcept { return shape_; }
  size_t out_height(size_t height) const noexcept { return transposed_size(shape_.y, height, extra_y_); }
  size_t out_width(size_t width) const noexcept { return transposed_size(shape_.x, width, extra_x_); }

  // in: [batch, inputs, height, width] in its layout; out: [batch, outputs, out_height, out_width] in its
  // own; must not overlap. out = activation(sum + bias). For the table it was created with. invalid_argument,
  // out_of_memory, cancelled.
  Status run(Team& team, const dispatch::KernelTable& table, size_t batch, size_t height, size_t width,
             const float* in, ImageLayout in_layout, float* out, ImageLayout out_layout) const noexcept;

 private:
  // Result pixels (place + i * stride) in both directions see the same taps: an ordinary convolution.
  struct Phase {
    size_t place_y = 0;
    size_t place_x = 0;
    std::vector<TapRun> taps;
    std::vector<std::shared_ptr<const PackedMatrix>> groups;  // empty where no tap falls
  };

  TransposedConvolution() = default;
  bool has_apart_kernels() const noexcept;
  Status pack_apart(const dispatch::KernelTable& table, const FloatWeights& floats, Precision precision,
                    Team& team);
  Status pack_phases(const dispatch::KernelTable& table, const FloatWeights& floats, Precision precision,
                     Team& team);
  Status run_apart(Team& team, const dispatch::KernelTable& table, size_t batch, size_t height, size_t width,
                   const float* in, float* out) const noexcept;
  Status run_phase(Team& team, const dispatch::KernelTable& table, const Phase& phase, size_t batch,
                   size_t height, size_t width, const float* in, float* out) const noexcept;
  Status fill_phase(const dispatch::KernelTable& table, const Phase& phase, size_t batch, size_t height,
                    size_t width, float* out) const noexcept;

  ConvolutionShape shape_;
  size_t extra_y_ = 0;
  size_t extra_x_ = 0;
  Activation activation_ = Activation::none;
  std::vector<float> bias_;                    // [outputs] or empty
  std::shared_ptr<const PackedMatrix> apart_;  // [y][x][outputs] of kernels that do not overlap
  std::vector<float> apart_bias_;              // bias_ for each tap
  std::vector<Phase> phases_;
};

}  // namespace weft::ops
