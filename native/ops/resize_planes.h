// Resizes planes of floats as torch.nn.functional.interpolate does, without antialiasing: feature maps, masks
// and logits, not photographs (those go through Pillow's filters, see ops/preprocess_job.h).
#pragma once

#include <cstddef>

#include "core/status.h"
#include "core/team.h"
#include "dispatch/kernel_table.h"
#include "ops/interpolation_taps.h"

namespace weft::ops {

struct PlaneResize {
  Interpolation interpolation = Interpolation::bilinear;
  bool align_corners = false;
  size_t planes = 0;
  size_t in_height = 0, in_width = 0;    // at least 1
  size_t out_height = 0, out_width = 0;  // at least 1
};

// in: [planes, in_height, in_width]; out: [planes, out_height, out_width]; must not overlap. Positions and
// weights are single precision, as PyTorch computes them. invalid_argument, out_of_memory, cancelled.
Status resize_planes(Team& team, const dispatch::KernelTable& table, const PlaneResize& resize,
                     const float* in, float* out) noexcept;

}  // namespace weft::ops
