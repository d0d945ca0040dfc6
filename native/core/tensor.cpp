// See core/tensor.h.
#include "core/tensor.h"

#include <new>
#include <utility>

namespace weft {

namespace {

// False when the product of the sides overflows.
bool count_numbers(const std::vector<size_t>& shape, size_t& count) noexcept {
  count = 1;
  for (const size_t side : shape) {
    if (side != 0 && count > SIZE_MAX / 16 / side) return false;
    count *= side;
  }
  return true;
}

}  // namespace

Status Tensor::create(DType dtype, std::vector<size_t> shape, std::shared_ptr<Tensor>& tensor) noexcept {
  size_t count = 1;
  if (!count_numbers(shape, count)) return Status::invalid_argument;
  try {
    std::shared_ptr<Tensor> created(new Tensor());
    created->dtype_ = dtype;
    created->count_ = count;
    created->shape_ = std::move(shape);
    created->buffer_ = std::make_shared<Buffer>();
    const Status status = Buffer::allocate(created->bytes(), *created->buffer_);
    if (status != Status::ok) return status;
    tensor = std::move(created);
    return Status::ok;
  } catch (const std::bad_alloc&) {
    return Status::out_of_memory;
  }
}

Status Tensor::reshape(const std::shared_ptr<Tensor>& source, std::vector<size_t> shape,
                       std::shared_ptr<Tensor>& tensor) noexcept {
  size_t count = 1;
  if (!count_numbers(shape, count) || count != source->count_) return Status::invalid_argument;
  try {
    std::shared_ptr<Tensor> view(new Tensor(*source));
    view->shape_ = std::move(shape);
    tensor = std::move(view);
    return Status::ok;
  } catch (const std::bad_alloc&) {
    return Status::out_of_memory;
  }
}

}  // namespace weft
