// See ops/mask_runs.h. A band of columns is transposed at a time, so that both reading and scanning go along
// memory.
#include "ops/mask_runs.h"

#include <algorithm>
#include <atomic>
#include <new>

#include "core/scratch.h"

namespace weft::ops {
namespace {

constexpr size_t kBandColumns = 16;

// Collects runs of one mask, column by column.
class RunWriter {
 public:
  explicit RunWriter(MaskRuns& runs) : runs_(runs) {}

  void add_column(size_t column, const float* pixels, size_t height, float threshold) {
    size_t first = height, last = 0;
    for (size_t y = 0; y < height; ++y) {
      const bool inside = pixels[y] > threshold;
      if (inside != inside_) {
        runs_.counts.push_back(length_);
        length_ = 0;
        inside_ = inside;
      }
      ++length_;
      if (inside) {
        first = std::min(first, y);
        last = y + 1;
        ++runs_.area;
      }
    }
    if (last == 0) return;
    left_ = std::min(left_, column);
    right_ = column + 1;
    top_ = std::min(top_, first);
    bottom_ = std::max(bottom_, last);
  }

  void finish() {
    if (length_ != 0) runs_.counts.push_back(length_);
    if (runs_.area == 0) return;
    const size_t box[4] = {left_, top_, right_ - left_, bottom_ - top_};
    std::copy(box, box + 4, runs_.box);
  }

 private:
  MaskRuns& runs_;
  bool inside_ = false;
  uint32_t length_ = 0;
  size_t left_ = SIZE_MAX, top_ = SIZE_MAX, right_ = 0, bottom_ = 0;
};

Status encode_mask(const Team& team, const dispatch::KernelTable& table, size_t height, size_t width,
                   const float* mask, float threshold, MaskRuns& runs) {
  auto* band = static_cast<float*>(thread_scratch(kBandColumns * height * sizeof(float)));
  if (band == nullptr) return Status::out_of_memory;
  RunWriter writer(runs);
  for (size_t column = 0; column < width; column += kBandColumns) {
    if (team.is_cancelled()) return Status::cancelled;
    const size_t columns = std::min(kBandColumns, width - column);
    table.transpose_f32->transpose(height, columns, mask + column, width, band, height);
    for (size_t k = 0; k < columns; ++k) {
      writer.add_column(column + k, band + k * height, height, threshold);
    }
  }
  writer.finish();
  return Status::ok;
}

}  // namespace

Status encode_masks(Team& team, const dispatch::KernelTable& table, size_t batch, size_t height, size_t width,
                    const float* masks, float threshold, std::vector<MaskRuns>& runs) noexcept {
  if (width != 0 && height > UINT32_MAX / width) return Status::invalid_argument;
  try {
    runs.assign(batch, {});
  } catch (const std::bad_alloc&) {
    return Status::out_of_memory;
  }
  std::atomic<Status> result{Status::ok};
  team.parallel(batch, [&](size_t item) {
    Status status = Status::ok;
    try {
      status = encode_mask(team, table, height, width, masks + item * height * width, threshold, runs[item]);
    } catch (const std::bad_alloc&) {
      status = Status::out_of_memory;
    }
    if (status != Status::ok) result.store(status);
  });
  return result.load();
}

}  // namespace weft::ops
