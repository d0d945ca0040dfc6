// Masks as run lengths, the form in which datasets and the COCO tools exchange them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/status.h"
#include "core/team.h"
#include "dispatch/kernel_table.h"

namespace weft::ops {

// One mask: lengths of runs in column-major order, first of pixels outside (0 when the first pixel is
// inside), then inside, and so on, as pycocotools' uncompressed "counts".
struct MaskRuns {
  std::vector<uint32_t> counts;
  size_t area = 0;  // pixels inside
  // The smallest box around the pixels inside, in pixels: left, top, width, height; zeros for an empty mask.
  size_t box[4] = {0, 0, 0, 0};
};

// masks: [batch, height, width]; a pixel is inside when its number is above `threshold` (NaN is not). Height
// times width is below 2^32. invalid_argument, out_of_memory, cancelled.
Status encode_masks(Team& team, const dispatch::KernelTable& table, size_t batch, size_t height, size_t width,
                    const float* masks, float threshold, std::vector<MaskRuns>& runs) noexcept;

}  // namespace weft::ops
