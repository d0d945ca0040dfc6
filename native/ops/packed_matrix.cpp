// See ops/packed_matrix.h. Gathers one panel after the other as floats, [inputs][panel width], and leaves the
// order in memory to the kernels.
#include "ops/packed_matrix.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstring>
#include <new>

#include "core/half_float.h"
#include "core/scratch.h"
#include "ops/gemm_kernels.h"

namespace weft::ops {
namespace {

// Inputs gathered of one output before the next: what is written stays in the first cache level.
constexpr size_t kGatherInputs = 64;

bool multiply_overflows(size_t a, size_t b, size_t& product) {
  if (a != 0 && b > SIZE_MAX / 2 / a) return true;
  product = a * b;
  return false;
}

Status check_parts(std::span<const WeightPart> parts, size_t& outputs, size_t& inputs) {
  if (parts.empty()) return Status::invalid_argument;
  inputs = parts[0].inputs;
  outputs = 0;
  for (const WeightPart& part : parts) {
    const bool is_float = part.dtype == DType::f32 || part.dtype == DType::f16 || part.dtype == DType::bf16;
    size_t count = 0;
    if (part.data == nullptr || !is_float || part.inputs != inputs || part.outputs == 0 || part.inputs == 0 ||
        multiply_overflows(part.outputs, part.inputs, count) || part.outputs > SIZE_MAX / 2 - outputs)
      return Status::invalid_argument;
    outputs += part.outputs;
  }
  return Status::ok;
}

// Elements `first` to `first` + `count` of a stored matrix as floats.
void read_elements(const WeightPart& part, size_t first, size_t count, float* to) {
  const auto* bytes = static_cast<const std::byte*>(part.data) + first * dtype_bytes(part.dtype);
  if (part.dtype == DType::f32) {
    std::memcpy(to, bytes, count * sizeof(float));
    return;
  }
  for (size_t index = 0; index < count; ++index) {
    uint16_t bits;
    std::memcpy(&bits, bytes + index * sizeof(bits), sizeof(bits));
    to[index] = part.dtype == DType::f16 ? half_to_float(bits) : bfloat_to_float(bits);
  }
}

bool all_finite(const float* numbers, size_t count) {
  constexpr uint32_t kExponent = 0x7f800000u;
  bool finite = true;
  for (size_t index = 0; index < count; ++index)
    finite &= (std::bit_cast<uint32_t>(numbers[index]) & kExponent) != kExponent;
  return finite;
}

// Outputs `first` to `first` + `count` of a part into columns of a panel of `width`.
void gather_outputs(const WeightPart& part, size_t first, size_t count, size_t width, float* columns) {
  if (part.inputs_first) {
    for (size_t input = 0; input < part.inputs; ++input)
      read_elements(part, input * part.outputs + first, count, columns + input * width);
    return;
  }
  float numbers[kGatherInputs];
  for (size_t input = 0; input < part.inputs; input += kGatherInputs) {
    const size_t inputs = std::min(kGatherInputs, part.inputs - input);
    for (size_t output = 0; output < count; ++output) {
      read_elements(part, (first + output) * part.inputs + input, inputs, numbers);
      for (size_t k = 0; k < inputs; ++k) columns[(input + k) * width + output] = numbers[k];
    }
  }
}

// The outputs of all parts from `first` on; what the last panel lacks is zero.
void gather_panel(std::span<const WeightPart> parts, size_t first, size_t width, float* panel) {
  size_t column = 0;
  size_t start = 0;
  for (const WeightPart& part : parts) {
    const size_t position = first + column;
    if (column < width && position < start + part.outputs) {
      const size_t count = std::min(width - column, start + part.outputs - position);
      gather_outputs(part, position - start, count, width, panel + column);
      column += count;
    }
    start += part.outputs;
  }
  if (column == width) return;
  for (size_t input = 0; input < parts[0].inputs; ++input)
    std::fill(panel + input * width + column, panel + (input + 1) * width, 0.0f);
}

// Padding may make a matrix larger than its parts; false when that overflows.
bool find_layout(const kernels::Gemm& kernel, size_t outputs, size_t inputs, PackedMatrix::Layout& layout) {
  const size_t panels = outputs / kernel.panel_width + (outputs % kernel.panel_width != 0 ? 1 : 0);
  size_t gathered = 0;
  return !multiply_overflows(inputs, 8 * kernel.panel_width, gathered) &&
         !multiply_overflows(panels, kernel.panel_bytes(inputs), layout.panel_bytes) &&
         !multiply_overflows(panels, kernel.panel_scale_bytes, layout.scale_bytes);
}

}  // namespace

Status PackedMatrix::pack(const dispatch::KernelTable& table, std::span<const WeightPart> parts,
                          Precision precision, Team& team,
                          std::shared_ptr<const PackedMatrix>& packed) noexcept {
  size_t outputs = 0;
  size_t inputs = 0;
  if (const Status status = check_parts(parts, outputs, inputs); status != Status::ok) return status;
  if (precision == Precision::int8 && inputs > kernels::kMostInt8Inputs) return Status::invalid_argument;
  const kernels::Gemm& kernel = gemm_kernels(table, precision);
  const size_t width = kernel.panel_width;
  const size_t panel_bytes = kernel.panel_bytes(inputs);
  const size_t scale_bytes = kernel.panel_scale_bytes;
  Layout layout;
  if (!find_layout(kernel, outputs, inputs, layout)) return Status::out_of_memory;
  std::shared_ptr<PackedMatrix> matrix;
  try {
    matrix.reset(new PackedMatrix());
  } catch (const std::bad_alloc&) {
    return Status::out_of_memory;
  }
  matrix->outputs_ = outputs;
  matrix->inputs_ = inputs;
  matrix->precision_ = precision;
  matrix->layout_ = layout;
  Status status = Buffer::allocate(layout.panel_bytes, matrix->panel_buffer_);
  if (status == Status::ok && scale_bytes != 0)
    status = Buffer::allocate(layout.scale_bytes, matrix->scale_buffer_);
  if (status != Status::ok) return status;
  auto* panels = static_cast<std::byte*>(matrix->panel_buffer_.data());
  auto* scales = static_cast<std::byte*>(matrix->scale_buffer_.data());
  matrix->panels_ = panels;
  matrix->scales_ = scales;

  std::atomic<Status> failure{Status::ok};
  team.parallel(layout.panel_bytes / panel_bytes, [&](size_t panel) {
    if (team.is_cancelled() || failure.load(std::memory_order_relaxed) != Status::ok) return;
    auto* weights = static_cast<float*>(thread_scratch(inputs * width * sizeof(float)));
    if (weights == nullptr) {
      failure.store(Status::out_of_memory, std::memory_order_relaxed);
      return;
    }
    gather_panel(parts, panel * width, width, weights);
    if (!all_finite(weights, inputs * width)) {
      failure.store(Status::not_finite, std::memory_order_relaxed);
      return;
    }
    kernel.pack_panel(weights, inputs, panels + panel * panel_bytes,
                      scales == nullptr ? nullptr : scales + panel * scale_bytes);
  });
  if (team.is_cancelled()) return Status::cancelled;
  if (failure.load() != Status::ok) return failure.load();
  packed = std::move(matrix);
  return Status::ok;
}

Status PackedMatrix::adopt(const dispatch::KernelTable& table, size_t outputs, size_t inputs,
                           Precision precision, const Layout& layout, const void* panels, const void* scales,
                           std::shared_ptr<const void> owner,
                           std::shared_ptr<const PackedMatrix>& packed) noexcept {
  const kernels::Gemm& kernel = gemm_kernels(table, precision);
  Layout expected;
  if (outputs == 0 || inputs == 0 || !find_layout(kernel, outputs, inputs, expected) || layout != expected ||
      (scales == nullptr) != (expected.scale_bytes == 0)) {
    return Status::invalid_argument;
  }
  try {
    std::shared_ptr<PackedMatrix> matrix(new PackedMatrix());
    matrix->outputs_ = outputs;
    matrix->inputs_ = inputs;
    matrix->precision_ = precision;
    matrix->layout_ = layout;
    matrix->panels_ = panels;
    matrix->scales_ = scales;
    matrix->owner_ = std::move(owner);
    packed = std::move(matrix);
    return Status::ok;
  } catch (const std::bad_alloc&) {
    return Status::out_of_memory;
  }
}

}  // namespace weft::ops
