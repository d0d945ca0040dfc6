// See ops/kv_cache.h.
#include "ops/kv_cache.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "ops/row_blocks.h"

namespace weft::ops {
namespace {

// Room grows by half, and by no less than this many tokens, so that decoding copies each row a few times at
// most.
constexpr size_t kLeastGrowth = 32;

Status allocate(size_t floats, std::shared_ptr<Buffer>& buffer) noexcept {
  try {
    auto created = std::make_shared<Buffer>();
    const Status status = Buffer::allocate(floats * sizeof(float), *created);
    if (status == Status::ok) buffer = std::move(created);
    return status;
  } catch (const std::bad_alloc&) {
    return Status::out_of_memory;
  }
}

// What `items` of a cache in that order are in the buffer.
ItemOrder follow(const ItemOrder& order, std::span<const uint32_t> items) {
  ItemOrder followed(items.begin(), items.end());
  if (!order.empty()) {
    for (uint32_t& item : followed) item = order[item];
  }
  return followed;
}

}  // namespace

HeadRows KvRows::view(const KvShape& shape) const noexcept {
  const size_t head_stride = capacity_ * shape.head_size;
  return {buffer_ == nullptr ? nullptr : buffer_->floats(), shape.key_heads * head_stride, shape.head_size,
          head_stride};
}

const float* KvRows::row(const KvShape& shape, size_t item, size_t head, size_t index) const noexcept {
  return buffer_->floats() + ((item * shape.key_heads + head) * capacity_ + index) * shape.head_size;
}

size_t KvRows::capacity_for(size_t used, size_t length) const noexcept {
  return length <= capacity_ ? capacity_ : std::max(length, used + std::max(used / 2, kLeastGrowth));
}

Status KvRows::reserve(const KvShape& shape, size_t batch, size_t used, size_t length) noexcept {
  const bool shared = buffer_ != nullptr && buffer_.use_count() > 1;
  if (buffer_ != nullptr && length <= capacity_ && !shared) return Status::ok;
  const size_t capacity = capacity_for(used, length);
  std::shared_ptr<Buffer> grown;
  const Status status = allocate(batch * shape.row_width() * capacity, grown);
  if (status != Status::ok) return status;
  for (size_t head = 0; used > 0 && head < batch * shape.key_heads; ++head) {
    std::memcpy(grown->floats() + head * capacity * shape.head_size,
                buffer_->floats() + head * capacity_ * shape.head_size,
                used * shape.head_size * sizeof(float));
  }
  buffer_ = std::move(grown);
  capacity_ = capacity;
  return Status::ok;
}

void KvRows::write(const KvShape& shape, size_t batch, size_t first, size_t count, const float* rows,
                   size_t stride) noexcept {
  for (size_t item = 0; item < batch; ++item) {
    for (size_t head = 0; head < shape.key_heads; ++head) {
      float* out =
          buffer_->floats() + ((item * shape.key_heads + head) * capacity_ + first) * shape.head_size;
      const float* in = rows + item * count * stride + head * shape.head_size;
      for (size_t index = 0; index < count; ++index) {
        std::memcpy(out + index * shape.head_size, in + index * stride, shape.head_size * sizeof(float));
      }
    }
  }
}

Status KvRows::gather(Team& team, const KvShape& shape, const ItemOrder& order, size_t used,
                      size_t length) noexcept {
  if (buffer_ == nullptr) return Status::ok;
  const size_t capacity = capacity_for(used, length);
  std::shared_ptr<Buffer> gathered;
  const Status status = allocate(order.size() * shape.row_width() * capacity, gathered);
  if (status != Status::ok) return status;
  const size_t floats = used * shape.head_size;
  for_row_blocks(team, order.size() * shape.key_heads, floats, [&](size_t first, size_t count) {
    for (size_t place = first; place < first + count; ++place) {
      const size_t item = place / shape.key_heads, head = place % shape.key_heads;
      std::copy_n(row(shape, order[item], head, 0), floats,
                  gathered->floats() + place * capacity * shape.head_size);
    }
  });
  if (team.is_cancelled()) return Status::cancelled;
  buffer_ = std::move(gathered);
  capacity_ = capacity;
  return Status::ok;
}

Status KvRows::copy(const KvShape& shape, size_t batch, const ItemOrder& order, size_t used,
                    std::shared_ptr<Tensor>& copied) const noexcept {
  const Status status = Tensor::create(DType::f32, {batch, shape.key_heads, used, shape.head_size}, copied);
  if (status != Status::ok) return status;
  const size_t floats = used * shape.head_size;
  for (size_t place = 0; floats > 0 && place < batch * shape.key_heads; ++place) {
    const size_t item = place / shape.key_heads, head = place % shape.key_heads;
    std::memcpy(copied->floats() + place * floats, row(shape, order.empty() ? item : order[item], head, 0),
                floats * sizeof(float));
  }
  return Status::ok;
}

KvCache::KvCache(uint64_t stack, std::vector<KvShape> self, size_t cross_count, size_t batch)
    : stack_(stack), batch_(batch), cross_(cross_count) {
  self_.reserve(self.size());
  for (const KvShape& shape : self) self_.push_back({shape, {}, {}, {}});
}

size_t KvCache::bytes() const noexcept {
  size_t total = 0;
  for (const Layer& layer : self_) total += layer.keys.bytes() + layer.values.bytes();
  for (const CrossRows& cross : cross_) total += cross.buffer == nullptr ? 0 : cross.buffer->bytes();
  return total;
}

Status KvCache::crop(size_t length) noexcept {
  if (length > length_) return Status::invalid_argument;
  length_ = length;
  // An empty cache may be filled beside another memory.
  if (length == 0) forget_memories();
  return Status::ok;
}

Status KvCache::reorder(std::span<const uint32_t> items) noexcept {
  if (items.empty()) return Status::invalid_argument;
  bool moves = items.size() != batch_;
  for (size_t item = 0; item < items.size(); ++item) {
    if (items[item] >= batch_) return Status::invalid_argument;
    moves = moves || items[item] != item;
  }
  if (!moves) return Status::ok;
  try {
    // All or nothing: orders are made anew before any is kept.
    std::vector<ItemOrder> orders;
    for (const Layer& layer : self_) orders.push_back(follow(layer.order, items));
    for (const CrossRows& memory : cross_) orders.push_back(follow(memory.order, items));
    size_t next = 0;
    for (Layer& layer : self_) layer.order = std::move(orders[next++]);
    for (CrossRows& memory : cross_) memory.order = std::move(orders[next++]);
  } catch (const std::bad_alloc&) {
    return Status::out_of_memory;
  }
  batch_ = items.size();
  return Status::ok;
}

Status KvCache::settle(Team& team, size_t layer, size_t length) noexcept {
  Layer& entry = self_[layer];
  if (entry.order.empty()) return Status::ok;
  // Both or none: they have one order.
  KvRows keys = entry.keys, values = entry.values;
  Status status = keys.gather(team, entry.shape, entry.order, length_, length);
  if (status == Status::ok) status = values.gather(team, entry.shape, entry.order, length_, length);
  if (status != Status::ok) return status;
  entry.keys = std::move(keys);
  entry.values = std::move(values);
  entry.order.clear();
  return Status::ok;
}

Status KvCache::cross(Team& team, size_t index, CrossRows*& memory) noexcept {
  memory = &cross_[index];
  if (memory->order.empty() || memory->buffer == nullptr) {
    memory->order.clear();
    return Status::ok;
  }
  const size_t floats = memory->rows * memory->width;
  std::shared_ptr<Buffer> gathered;
  const Status status = allocate(memory->order.size() * floats, gathered);
  if (status != Status::ok) return status;
  for_row_blocks(team, memory->order.size(), floats, [&](size_t first, size_t count) {
    for (size_t item = first; item < first + count; ++item) {
      std::copy_n(memory->buffer->floats() + memory->order[item] * floats, floats,
                  gathered->floats() + item * floats);
    }
  });
  if (team.is_cancelled()) return Status::cancelled;
  memory->buffer = std::move(gathered);
  memory->order.clear();
  return Status::ok;
}

Status KvCache::copy(size_t layer, std::shared_ptr<Tensor>& keys,
                     std::shared_ptr<Tensor>& values) const noexcept {
  const Layer& entry = self_[layer];
  const Status status = entry.keys.copy(entry.shape, batch_, entry.order, length_, keys);
  return status == Status::ok ? entry.values.copy(entry.shape, batch_, entry.order, length_, values) : status;
}

Status KvCache::append(Team& team, size_t layer, size_t count, const float* keys, const float* values,
                       size_t stride) noexcept {
  Layer& entry = self_[layer];
  Status status = settle(team, layer, length_ + count);
  if (status == Status::ok) status = entry.keys.reserve(entry.shape, batch_, length_, length_ + count);
  if (status == Status::ok) status = entry.values.reserve(entry.shape, batch_, length_, length_ + count);
  if (status != Status::ok) return status;
  entry.keys.write(entry.shape, batch_, length_, count, keys, stride);
  entry.values.write(entry.shape, batch_, length_, count, values, stride);
  return Status::ok;
}

}  // namespace weft::ops
