// Shrinking by whole factors with a box, Pillow's Image.reduce: the first step of a resize with a reducing
// gap.
#pragma once

#include <cstdint>
#include <vector>

#include "core/image_view.h"

namespace weft::ops {

// Means over factor_x x factor_y cells of `box`, a rectangle inside `source`; the cells at the right and
// bottom border may be smaller. `target` becomes ceil(width / factor_x) x ceil(height / factor_y) pixels. May
// throw std::bad_alloc.
ImageView box_reduce(const ImageView& source, const Rectangle& box, int factor_x, int factor_y,
                     std::vector<uint8_t>& target);

}  // namespace weft::ops
