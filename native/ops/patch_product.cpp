// See ops/patch_product.h.
#include "ops/patch_product.h"

#include <algorithm>
#include <cstring>

#include "ops/gemm.h"
#include "ops/tile_workers.h"

namespace weft::ops {
namespace {

// A tile's patches stay in half of a second cache level of 1 MiB, unless so few fit that the weights would be
// read too often; more than the most gain nothing.
constexpr size_t kTileFloats = size_t{1} << 17;
constexpr size_t kFewestPatches = 48;
constexpr size_t kMostPatches = 256;
// A small picture is cut finer than that, so that every thread has work, in whole blocks of the product.
constexpr size_t kPatchBlock = 16;

size_t patches_per_tile(size_t inputs, size_t points, size_t threads) {
  const size_t most = std::clamp(kTileFloats / inputs, kFewestPatches, kMostPatches);
  const size_t share = (points / threads + kPatchBlock) / kPatchBlock * kPatchBlock;
  return std::min(most, share);
}

void copy_floats(float* to, const float* from, size_t count) { std::memcpy(to, from, count * sizeof(float)); }

float* zero_floats(float* to, size_t count) {
  std::memset(to, 0, count * sizeof(float));
  return to + count;
}

// One run of taps on a line: zeros before the picture, its pixels, zeros after it.
float* gather_run(const PatchSource& source, const float* line, ptrdiff_t x, size_t count, float* patch) {
  const auto clamp = [&](ptrdiff_t place) {
    return static_cast<size_t>(std::clamp<ptrdiff_t>(place, 0, static_cast<ptrdiff_t>(count)));
  };
  const size_t first = clamp(-x);
  const size_t last = std::max(first, clamp(static_cast<ptrdiff_t>(source.width) - x));
  patch = zero_floats(patch, first * source.channels);
  const size_t inside = last - first;
  if (inside != 0) {
    const float* pixel =
        line + static_cast<size_t>(x + static_cast<ptrdiff_t>(first)) * source.picture_channels;
    if (source.channels == source.picture_channels) {
      copy_floats(patch, pixel, inside * source.channels);
    } else {
      for (size_t tap = 0; tap < inside; ++tap) {
        copy_floats(patch + tap * source.channels,
                    pixel + tap * source.picture_channels + source.first_channel, source.channels);
      }
    }
  }
  return zero_floats(patch + inside * source.channels, (count - last) * source.channels);
}

void gather_patch(const PatchSource& source, const float* picture, ptrdiff_t y, ptrdiff_t x, float* patch) {
  for (const TapRun& run : source.taps) {
    const ptrdiff_t line = y + run.y;
    if (line < 0 || line >= static_cast<ptrdiff_t>(source.height)) {
      patch = zero_floats(patch, run.count * source.channels);
    } else {
      const float* pixels = picture + static_cast<size_t>(line) * source.width * source.picture_channels;
      patch = gather_run(source, pixels, x + run.x, run.count, patch);
    }
  }
}

// Whether patches are the input's pixels as they lie there.
bool lies_as_rows(const PatchSource& source, const PatchGrid& grid) {
  return source.taps.size() == 1 && source.taps[0].count == 1 && source.taps[0].y == 0 &&
         source.taps[0].x == 0 && grid.step_y == 1 && grid.step_x == 1 && grid.height == source.height &&
         grid.width == source.width;
}

bool takes_rows(const PatchTarget& target, const PatchGrid& grid) {
  return target.layout == ImageLayout::nhwc && target.step_y == 1 && target.step_x == 1 &&
         target.height == grid.height && target.width == grid.width;
}

// A tile's results, [count][outputs], to their pixels.
void place_results(const dispatch::KernelTable& table, const PatchGrid& grid, const PatchTarget& target,
                   size_t outputs, size_t item, size_t first, size_t count, const float* results) {
  const size_t pixels = target.height * target.width;
  if (target.layout == ImageLayout::nchw) {
    float* plane = target.data + (item * target.picture_channels + target.first_channel) * pixels + first;
    table.transpose_f32->transpose(count, outputs, results, outputs, plane, pixels);
    return;
  }
  float* picture = target.data + item * pixels * target.picture_channels + target.first_channel;
  for (size_t i = 0; i < count; ++i) {
    const size_t y = target.place_y + (first + i) / grid.width * target.step_y;
    const size_t x = target.place_x + (first + i) % grid.width * target.step_x;
    copy_floats(picture + (y * target.width + x) * target.picture_channels, results + i * outputs, outputs);
  }
}

// Everything of one call.
struct Product {
  const dispatch::KernelTable& table;
  const PatchSource& source;
  const PatchGrid& grid;
  const PackedMatrix& weights;
  const PatchTarget& target;
  Epilogue epilogue;
  bool rows_in, rows_out;
  size_t patches;  // per tile

  size_t points() const { return grid.height * grid.width; }
  size_t tiles_per_picture() const { return (points() + patches - 1) / patches; }
  size_t gathered_floats() const { return rows_in ? 0 : patches * weights.inputs(); }
  size_t slot_floats() const { return gathered_floats() + (rows_out ? 0 : patches * weights.outputs()); }

  Status run_tile(size_t tile, float* slot) const noexcept;
};

Status Product::run_tile(size_t tile, float* slot) const noexcept {
  const size_t item = tile / tiles_per_picture();
  const size_t first = tile % tiles_per_picture() * patches;
  const size_t count = std::min(patches, points() - first);
  const float* picture = source.data + item * source.height * source.width * source.picture_channels;
  const float* a = picture + first * source.picture_channels + source.first_channel;
  size_t a_stride = source.picture_channels;
  if (!rows_in) {
    a = slot;
    a_stride = weights.inputs();
    for (size_t i = 0; i < count; ++i) {
      const auto y = static_cast<ptrdiff_t>((first + i) / grid.width * grid.step_y);
      const auto x = static_cast<ptrdiff_t>((first + i) % grid.width * grid.step_x);
      gather_patch(source, picture, y, x, slot + i * weights.inputs());
    }
  }
  Team alone;
  if (!rows_out) {
    float* results = slot + gathered_floats();
    const Status status =
        gemm(alone, table, count, a, a_stride, weights, epilogue, results, weights.outputs());
    if (status == Status::ok) {
      place_results(table, grid, target, weights.outputs(), item, first, count, results);
    }
    return status;
  }
  const size_t row = (item * points() + first) * target.picture_channels + target.first_channel;
  Epilogue with_residual = epilogue;
  if (target.residual != nullptr) with_residual.residual = target.residual + row;
  return gemm(alone, table, count, a, a_stride, weights, with_residual, target.data + row,
              target.picture_channels);
}

}  // namespace

std::vector<TapRun> tap_runs(std::span<const ptrdiff_t> ys, std::span<const ptrdiff_t> xs) {
  std::vector<TapRun> runs;
  for (const ptrdiff_t y : ys) {
    bool begins = true;
    for (const ptrdiff_t x : xs) {
      if (!begins && runs.back().x + static_cast<ptrdiff_t>(runs.back().count) == x) {
        ++runs.back().count;
      } else {
        runs.push_back({y, x, 1});
      }
      begins = false;
    }
  }
  return runs;
}

Status multiply_patches(Team& team, const dispatch::KernelTable& table, size_t batch,
                        const PatchSource& source, const PatchGrid& grid, const PackedMatrix& weights,
                        const float* bias, Activation activation, const PatchTarget& target) noexcept {
  Epilogue epilogue;
  epilogue.bias = bias;
  epilogue.activation = activation;
  epilogue.residual_stride = target.picture_channels;
  const bool rows_in = lies_as_rows(source, grid);
  const bool rows_out = takes_rows(target, grid);
  if (rows_in && rows_out) {
    if (target.residual != nullptr) epilogue.residual = target.residual + target.first_channel;
    return gemm(team, table, batch * grid.height * grid.width, source.data + source.first_channel,
                source.picture_channels, weights, epilogue, target.data + target.first_channel,
                target.picture_channels);
  }
  const size_t patches = patches_per_tile(weights.inputs(), batch * grid.height * grid.width, team.size());
  const Product product = {table, source, grid, weights, target, epilogue, rows_in, rows_out, patches};
  if (product.points() == 0) return Status::ok;
  return for_tiles(team, batch * product.tiles_per_picture(), product.slot_floats(),
                   [&](size_t tile, float* slot) { return product.run_tile(tile, slot); });
}

}  // namespace weft::ops
