// See ops/image_layout.h.
#include "ops/image_layout.h"

#include <algorithm>

namespace weft::ops {
namespace {

// Pixels per piece of work: with 64 channels both sides of it fit a first cache level twice.
constexpr size_t kPixelsPerPiece = 64;

}  // namespace

Status change_layout(Team& team, const dispatch::KernelTable& table, size_t batch, size_t channels,
                     size_t pixels, ImageLayout from, const float* in, float* out) noexcept {
  const size_t pieces = (pixels + kPixelsPerPiece - 1) / kPixelsPerPiece;
  team.parallel(batch * pieces, [&](size_t piece) {
    if (team.is_cancelled()) return;
    const size_t picture = piece / pieces * pixels * channels;
    const size_t first = piece % pieces * kPixelsPerPiece;
    const size_t count = std::min(kPixelsPerPiece, pixels - first);
    const float* source = in + picture;
    float* target = out + picture;
    if (from == ImageLayout::nchw) {
      table.transpose_f32->transpose(channels, count, source + first, pixels, target + first * channels,
                                     channels);
    } else {
      table.transpose_f32->transpose(count, channels, source + first * channels, channels, target + first,
                                     pixels);
    }
  });
  return team.is_cancelled() ? Status::cancelled : Status::ok;
}

}  // namespace weft::ops
