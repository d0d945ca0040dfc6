// See ops/weight_jobs.h.
#include "ops/weight_jobs.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <new>

#include "core/half_float.h"

namespace weft::ops {
namespace {

// Stored bytes of one piece: some milliseconds from a disk, so that cancelling is quick.
constexpr uint64_t kPieceBytes = uint64_t{4} << 20;

template <typename Stored>
Stored load(const uint8_t* place) {
  Stored value;
  std::memcpy(&value, place, sizeof(value));
  return value;
}

bool is_float(StoredType type) {
  return type == StoredType::f64 || type == StoredType::f32 || type == StoredType::f16 ||
         type == StoredType::bf16;
}

// `count` elements of a float type, at any alignment.
void to_floats(StoredType type, const uint8_t* stored, size_t count, float* floats) {
  switch (type) {
    case StoredType::f64:
      for (size_t i = 0; i < count; ++i) floats[i] = static_cast<float>(load<double>(stored + 8 * i));
      return;
    case StoredType::f32:
      std::memcpy(floats, stored, 4 * count);
      return;
    case StoredType::f16:
      for (size_t i = 0; i < count; ++i) floats[i] = half_to_float(load<uint16_t>(stored + 2 * i));
      return;
    case StoredType::bf16:
      for (size_t i = 0; i < count; ++i) floats[i] = bfloat_to_float(load<uint16_t>(stored + 2 * i));
      return;
    default:
      return;
  }
}

}  // namespace

void OpenWeights::run_task(size_t) noexcept {
  if (is_cancelled()) return fail(Status::cancelled);
  const Status status = WeightFile::open(path_, file_, error_);
  if (status != Status::ok) fail(status);
}

void StorePacked::run_task(size_t) noexcept {
  bool has_stored = false;
  while (cache_ != nullptr && !is_cancelled() && cache_->store_next()) has_stored = true;
  if (has_stored) cache_->trim();
  if (is_cancelled()) fail(Status::cancelled);
}

Status ReadWeights::create(std::shared_ptr<const WeightFile> file, const SafetensorsTensor& tensor,
                           bool as_floats, void* target, size_t target_bytes,
                           std::unique_ptr<ReadWeights>& job) noexcept {
  uint64_t needed = tensor.bytes;
  if (as_floats) {
    if (!is_float(tensor.type)) return Status::invalid_argument;
    needed = tensor.bytes / (stored_type_bits(tensor.type) / 8) * sizeof(float);
  }
  if (needed != target_bytes) return Status::invalid_argument;
  job.reset(new (std::nothrow)
                ReadWeights(std::move(file), tensor, as_floats, static_cast<uint8_t*>(target)));
  return job == nullptr ? Status::out_of_memory : Status::ok;
}

size_t ReadWeights::task_count() const {
  return static_cast<size_t>(std::max<uint64_t>(1, (tensor_.bytes + kPieceBytes - 1) / kPieceBytes));
}

std::string ReadWeights::detail() const {
  return status() == Status::bad_file ? WeightFile::kChanged : std::string();
}

void ReadWeights::run_task(size_t index) noexcept {
  if (is_cancelled()) return fail(Status::cancelled);
  const uint64_t start = index * kPieceBytes;
  const auto bytes = static_cast<size_t>(std::min(kPieceBytes, tensor_.bytes - start));
  if (bytes == 0) return;
  if (!file_->is_unchanged()) return fail(Status::bad_file);
  const uint8_t* stored = file_->data(tensor_) + start;
  if (!as_floats_) {
    std::memcpy(target_ + start, stored, bytes);
    return;
  }
  const size_t width = stored_type_bits(tensor_.type) / 8;
  to_floats(tensor_.type, stored, bytes / width, reinterpret_cast<float*>(target_) + start / width);
}

}  // namespace weft::ops
