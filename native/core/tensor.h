// Numbers in memory with a type and a shape: what operators take and give. Contiguous, row-major, on one
// device.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/buffer.h"
#include "core/status.h"

namespace weft {

enum class DType : uint8_t { f32, f16, bf16, i8, u8, i32, i64 };
enum class Device : uint8_t { cpu, cuda };

constexpr size_t dtype_bytes(DType dtype) {
  switch (dtype) {
    case DType::f32:
    case DType::i32:
      return 4;
    case DType::f16:
    case DType::bf16:
      return 2;
    case DType::i64:
      return 8;
    default:
      return 1;
  }
}

class Tensor {
 public:
  // Contents are undefined. invalid_argument when the shape overflows, out_of_memory.
  static Status create(DType dtype, std::vector<size_t> shape, std::shared_ptr<Tensor>& tensor) noexcept;

  // The numbers of `source` under another shape, which must have as many; memory is shared and lives as long
  // as either. invalid_argument, out_of_memory.
  static Status reshape(const std::shared_ptr<Tensor>& source, std::vector<size_t> shape,
                        std::shared_ptr<Tensor>& tensor) noexcept;

  DType dtype() const noexcept { return dtype_; }
  Device device() const noexcept { return Device::cpu; }
  const std::vector<size_t>& shape() const noexcept { return shape_; }
  size_t count() const noexcept { return count_; }
  size_t bytes() const noexcept { return count_ * dtype_bytes(dtype_); }
  void* data() const noexcept { return buffer_->data(); }
  float* floats() const noexcept { return buffer_->floats(); }

 private:
  Tensor() = default;

  DType dtype_ = DType::f32;
  size_t count_ = 0;
  std::vector<size_t> shape_;
  std::shared_ptr<Buffer> buffer_;
};

}  // namespace weft
