// The matrix product that convolutions become: each result pixel is a product of the weights with the input
// pixels under its taps. Patches are gathered tile by tile; the matrix of all patches never exists. Must not
// know kernels, strides or padding: only taps on a grid.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/activation.h"
#include "core/status.h"
#include "core/team.h"
#include "dispatch/kernel_table.h"
#include "ops/convolution_shape.h"
#include "ops/packed_matrix.h"

namespace weft::ops {

// Taps of one line that are neighbours: pixels x .. x + count - 1 of line y, relative to the grid point.
struct TapRun {
  ptrdiff_t y = 0;
  ptrdiff_t x = 0;
  size_t count = 0;
};

// Neighbouring taps of the lines ys x columns xs, in that order, each list ascending.
std::vector<TapRun> tap_runs(std::span<const ptrdiff_t> ys, std::span<const ptrdiff_t> xs);

// Pictures nhwc; a patch takes `channels` channels from `first_channel` on at every tap. Taps outside are
// zero.
struct PatchSource {
  const float* data = nullptr;
  size_t height = 0;
  size_t width = 0;
  size_t picture_channels = 0;
  size_t first_channel = 0;
  size_t channels = 0;
  std::span<const TapRun> taps;
};

// Grid point (y, x) has its taps around input pixel (y * step_y, x * step_x).
struct PatchGrid {
  size_t height = 0;
  size_t width = 0;
  size_t step_y = 1;
  size_t step_x = 1;
};

// Grid point (y, x) writes pixel (place_y + y * step_y, place_x + x * step_x) of its picture, channels from
// first_channel on. Steps other than 1: nhwc only.
struct PatchTarget {
  float* data = nullptr;
  const float* residual = nullptr;  // added, laid out as data; nhwc with steps of 1 only
  ImageLayout layout = ImageLayout::nhwc;
  size_t height = 0;
  size_t width = 0;
  size_t picture_channels = 0;
  size_t first_channel = 0;
  size_t place_y = 0;
  size_t place_x = 0;
  size_t step_y = 1;
  size_t step_x = 1;
};

// weights: [outputs][taps][channels]; result = activation(product + bias) + residual. cancelled,
// out_of_memory.
Status multiply_patches(Team& team, const dispatch::KernelTable& table, size_t batch,
                        const PatchSource& source, const PatchGrid& grid, const PackedMatrix& weights,
                        const float* bias, Activation activation, const PatchTarget& target) noexcept;

}  // namespace weft::ops
