// See core/tensor.h.
#include "core/tensor.h"

#include <new>
#include <utility>

namespace weft {

Status Tensor::create(DType dtype, std::vector<size_t> shape, std::shared_ptr<Tensor>& tensor) noexcept {
  size_t count = 1;
  for (const size_t side : shape) {
    if (side != 0 && count > SIZE_MAX / 16 / side) return Status::invalid_argument;
    count *= side;
  }
  try {
    std::shared_ptr<Tensor> created(new Tensor());
    created->dtype_ = dtype;
    created->count_ = count;
    created->shape_ = std::move(shape);
    const Status status = Buffer::allocate(created->bytes(), created->buffer_);
    if (status != Status::ok) return status;
    tensor = std::move(created);
    return Status::ok;
  } catch (const std::bad_alloc&) {
    return Status::out_of_memory;
  }
}

}  // namespace weft
