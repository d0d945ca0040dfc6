// Two-dimensional convolution with its weights packed, any stride, padding, dilation and groups, with bias,
// batch norm and activation fused. Depthwise ones (a group per channel) take a path of their own.
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

class Convolution {
 public:
  // weights: [outputs][inputs / groups][y][x], as torch.nn.Conv2d stores them; copied. Depthwise convolutions
  // stay in floats whatever the precision: their weights are few. invalid_argument, out_of_memory, cancelled,
  // not_finite (a weight after folding).
  static Status create(const dispatch::KernelTable& table, const ConvolutionShape& shape,
                       const ConvolutionWeights& weights, Activation activation, Precision precision,
                       Team& team, std::shared_ptr<const Convolution>& convolution) noexcept;

  const ConvolutionShape& shape() const noexcept { return shape_; }

  // in: [batch, inputs, height, width] in its layout; out: [batch, outputs, convolution_size of both] in its
  // own, must not overlap. out = activation(product + bias) + residual; residual (may be null, may be `out`)
  // has the layout of out, which then must be nhwc, and is not for depthwise ones. Where the kernel does not
  // fit there is nothing to write. For the table it was created with. invalid_argument, out_of_memory,
  // cancelled.
  Status run(Team& team, const dispatch::KernelTable& table, size_t batch, size_t height, size_t width,
             const float* in, ImageLayout in_layout, const float* residual, float* out,
             ImageLayout out_layout) const noexcept;

 private:
  Convolution() = default;
  Status pack(const dispatch::KernelTable& table, const FloatWeights& floats, Precision precision,
              Team& team);
  Status run_products(Team& team, const dispatch::KernelTable& table, size_t batch, size_t height,
                      size_t width, const float* in, const float* residual, float* out,
                      ImageLayout out_layout) const noexcept;

  ConvolutionShape shape_;
  Activation activation_ = Activation::none;
  std::vector<float> bias_;
  std::vector<TapRun> taps_;
  std::vector<std::shared_ptr<const PackedMatrix>> groups_;  // empty: depthwise
  std::vector<float> depthwise_;                             // [outputs][taps]
};

}  // namespace weft::ops
