// What waits for the disk, as pool operations: opening a weight file, copying a tensor out of it, storing
// packed matrices.
#pragma once

#include <memory>
#include <string>

#include "core/operation.h"
#include "ops/packed_cache.h"
#include "ops/weight_file.h"

namespace weft::ops {

class OpenWeights : public Operation {
 public:
  explicit OpenWeights(std::string path) : path_(std::move(path)) {}

  size_t task_count() const override { return 1; }
  void run_task(size_t index) noexcept override;
  std::string detail() const override { return error_; }

  // Null unless it succeeded.
  const std::shared_ptr<const WeightFile>& file() const { return file_; }

 private:
  std::string path_;
  std::shared_ptr<const WeightFile> file_;
  std::string error_;
};

// Writes what a cache has queued, and keeps the cache within its bytes. Never fails but by cancelling: what
// cannot be written is packed again next time.
class StorePacked : public Operation {
 public:
  // `cache` may be null: then there is nothing to do.
  explicit StorePacked(std::shared_ptr<PackedCache> cache) : cache_(std::move(cache)) {}

  size_t task_count() const override { return 1; }
  void run_task(size_t index) noexcept override;

 private:
  std::shared_ptr<PackedCache> cache_;
};

// Copies the elements of one tensor, as they are or as float32.
class ReadWeights : public Operation {
 public:
  // `target` has room for the tensor's bytes, or for one float per element with `as_floats` (then the type is
  // F64, F32, F16 or BF16), and stays in place until the operation ends. invalid_argument when it has not,
  // out_of_memory.
  static Status create(std::shared_ptr<const WeightFile> file, const SafetensorsTensor& tensor,
                       bool as_floats, void* target, size_t target_bytes,
                       std::unique_ptr<ReadWeights>& job) noexcept;

  size_t task_count() const override;
  void run_task(size_t index) noexcept override;
  std::string detail() const override;

 private:
  ReadWeights(std::shared_ptr<const WeightFile> file, const SafetensorsTensor& tensor, bool as_floats,
              uint8_t* target)
      : file_(std::move(file)), tensor_(tensor), as_floats_(as_floats), target_(target) {}

  std::shared_ptr<const WeightFile> file_;
  // Lives in the file.
  const SafetensorsTensor& tensor_;
  bool as_floats_;
  uint8_t* target_;
};

}  // namespace weft::ops
