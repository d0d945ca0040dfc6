// Convolution with a kernel per channel, in the layout its pictures have: a weighted sum of shifted rows.
#pragma once

#include <cstddef>

#include "core/activation.h"
#include "core/status.h"
#include "core/team.h"
#include "dispatch/kernel_table.h"
#include "ops/convolution_shape.h"

namespace weft::ops {

// shape.groups == shape.inputs; each input channel gives outputs / inputs neighbouring output channels.
struct DepthwiseProblem {
  ConvolutionShape shape;
  const float* weights = nullptr;  // [outputs][taps]
  const float* bias = nullptr;     // [outputs] or null
  Activation activation = Activation::none;
  size_t batch = 0;
  size_t height = 0;
  size_t width = 0;
};

// As Convolution::run. Both layouts nhwc and one output per input: worked on as they lie. Everything else is
// done on planes, changed from and to nhwc where asked.
Status convolve_depthwise(Team& team, const dispatch::KernelTable& table, const DepthwiseProblem& problem,
                          const float* in, ImageLayout in_layout, float* out,
                          ImageLayout out_layout) noexcept;

// Both layouts nchw. See depthwise_planes.cpp.
Status convolve_planes(Team& team, const dispatch::KernelTable& table, const DepthwiseProblem& problem,
                       const float* in, float* out) noexcept;

// Both layouts nhwc, one output per input. See depthwise_pixels.cpp.
Status convolve_pixels(Team& team, const dispatch::KernelTable& table, const DepthwiseProblem& problem,
                       const float* in, float* out) noexcept;

}  // namespace weft::ops
