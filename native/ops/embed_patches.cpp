// Pictures to rows. See ops/embedding.h.
#include <cstring>

#include "core/buffer.h"
#include "ops/embedding.h"
#include "ops/position_grid.h"

namespace weft::ops {
namespace {

struct Grid {
  size_t height = 0;
  size_t width = 0;
  size_t count() const { return height * width; }
};

Grid grid_of(const PatchEmbedding& embedding, size_t picture_height, size_t picture_width) {
  return {picture_height / embedding.patch_height, picture_width / embedding.patch_width};
}

// One row per patch: channel by channel, line by line, the order of a convolution's weight.
void gather_patches(Team& team, const PatchEmbedding& embedding, Grid grid, size_t batch, const float* pixels,
                    size_t picture_height, size_t picture_width, float* rows) {
  const size_t line = embedding.patch_width;
  const size_t inputs = embedding.project.inputs();
  team.parallel(batch * grid.height, [&](size_t piece) {
    const size_t item = piece / grid.height;
    const size_t top = piece % grid.height * embedding.patch_height;
    for (size_t channel = 0; channel < embedding.channels; ++channel) {
      const float* plane = pixels + (item * embedding.channels + channel) * picture_height * picture_width;
      for (size_t y = 0; y < embedding.patch_height; ++y) {
        const float* source = plane + (top + y) * picture_width;
        float* target = rows + piece * grid.width * inputs + (channel * embedding.patch_height + y) * line;
        for (size_t x = 0; x < grid.width; ++x) {
          std::memcpy(target + x * inputs, source + x * line, line * sizeof(float));
        }
      }
    }
  });
}

// Positions for this grid: the stored ones, or resized ones in `resized`.
Status positions_for(Team& team, const PatchEmbedding& embedding, Grid grid, size_t width,
                     size_t leading_rows, bool resize, Buffer& resized, const float*& patch_positions) {
  const float* stored = embedding.positions.data() + (embedding.leading_positions ? leading_rows * width : 0);
  patch_positions = stored;
  if (!resize) return Status::ok;
  const Status status = Buffer::allocate(grid.count() * width * sizeof(float), resized);
  if (status != Status::ok) return status;
  resize_position_grid(team, embedding.interpolation, stored, embedding.grid_height, embedding.grid_width,
                       width, resized.floats(), grid.height, grid.width);
  patch_positions = resized.floats();
  return Status::ok;
}

}  // namespace

size_t patch_rows(const PatchEmbedding& embedding, size_t width, size_t picture_height,
                  size_t picture_width) noexcept {
  const size_t patches = grid_of(embedding, picture_height, picture_width).count();
  return patches == 0 ? 0 : embedding.leading.size() / width + patches;
}

Status embed_patches(Team& team, const Operators& operators, const PatchEmbedding& embedding, size_t batch,
                     const float* pixels, size_t picture_height, size_t picture_width, float* out,
                     size_t width) noexcept {
  const Grid grid = grid_of(embedding, picture_height, picture_width);
  const size_t leading_rows = embedding.leading.size() / width;
  const size_t rows_per_item = leading_rows + grid.count();
  const size_t inputs = embedding.project.inputs();
  Buffer patches;
  Status status = Buffer::allocate(batch * grid.count() * inputs * sizeof(float), patches);
  if (status != Status::ok) return status;
  gather_patches(team, embedding, grid, batch, pixels, picture_height, picture_width, patches.floats());

  Buffer resized;
  const float* patch_positions = nullptr;
  if (!embedding.positions.empty()) {
    const bool resize = grid.height != embedding.grid_height || grid.width != embedding.grid_width;
    status = positions_for(team, embedding, grid, width, leading_rows, resize, resized, patch_positions);
    if (status != Status::ok) return status;
  }
  for (size_t item = 0; item < batch; ++item) {
    float* first = out + item * rows_per_item * width;
    for (size_t index = 0; index < leading_rows * width; ++index) {
      const bool placed = embedding.leading_positions && !embedding.positions.empty();
      first[index] = embedding.leading[index] + (placed ? embedding.positions[index] : 0.0f);
    }
    // The positions ride along as the residual of the projection.
    Epilogue epilogue = embedding.project.epilogue();
    epilogue.residual = patch_positions;
    epilogue.residual_stride = width;
    status = operators.gemm(team, grid.count(), patches.floats() + item * grid.count() * inputs, inputs,
                            *embedding.project.weights, epilogue, first + leading_rows * width, width);
    if (status != Status::ok) return status;
  }
  if (embedding.norm) {
    operators.normalise_rows(team, embedding.norm->view(), batch * rows_per_item, width, out, width, out,
                             width);
  }
  return Status::ok;
}

}  // namespace weft::ops
