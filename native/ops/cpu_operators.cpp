// See ops/cpu_operators.h. Binds the table of kernels, nothing else.
#include "ops/cpu_operators.h"

#include <map>
#include <mutex>
#include <utility>

namespace weft::ops {
namespace {

class CpuOperators final : public Operators {
 public:
  explicit CpuOperators(const dispatch::KernelTable& table) noexcept : table_(table) {}

  Device device() const noexcept override { return Device::cpu; }

  Status pack(Team& team, std::span<const WeightPart> parts, Precision precision,
              std::shared_ptr<const PackedMatrix>& packed) const noexcept override {
    return PackedMatrix::pack(table_, parts, precision, team, packed);
  }
  Status adopt(size_t outputs, size_t inputs, Precision precision, const PackedMatrix::Layout& layout,
               const void* panels, const void* scales, std::shared_ptr<const void> owner,
               std::shared_ptr<const PackedMatrix>& packed) const noexcept override {
    return PackedMatrix::adopt(table_, outputs, inputs, precision, layout, panels, scales, std::move(owner),
                               packed);
  }
  Status gemm(Team& team, size_t rows, const float* a, size_t a_stride, const PackedMatrix& weights,
              const Epilogue& epilogue, float* out, size_t out_stride) const noexcept override {
    return ops::gemm(team, table_, rows, a, a_stride, weights, epilogue, out, out_stride);
  }
  Status attend(Team& team, const Attention& problem, float* out, size_t out_batch_stride,
                size_t out_row_stride, size_t out_head_stride) const noexcept override {
    return ops::attend(team, table_, problem, out, out_batch_stride, out_row_stride, out_head_stride);
  }
  Status attend_tree(Team& team, const Attention& branches, size_t shared_keys, const HeadRows& shared_key,
                     const HeadRows& shared_value, float* out, size_t out_batch_stride, size_t out_row_stride,
                     size_t out_head_stride) const noexcept override {
    return ops::attend_tree(team, table_, branches, shared_keys, shared_key, shared_value, out,
                            out_batch_stride, out_row_stride, out_head_stride);
  }
  void normalise_rows(Team& team, const Norm& norm, size_t rows, size_t width, const float* in,
                      size_t in_stride, float* out, size_t out_stride) const noexcept override {
    ops::normalise_rows(team, table_, norm, rows, width, in, in_stride, out, out_stride);
  }
  void softmax_rows(Team& team, size_t rows, size_t width, const float* in, size_t in_stride, float* out,
                    size_t out_stride) const noexcept override {
    ops::softmax_rows(team, table_, rows, width, in, in_stride, out, out_stride);
  }
  void l2_normalise_rows(Team& team, float epsilon, size_t rows, size_t width, const float* in,
                         size_t in_stride, float* out, size_t out_stride) const noexcept override {
    ops::l2_normalise_rows(team, table_, epsilon, rows, width, in, in_stride, out, out_stride);
  }
  void activate_rows(Team& team, Activation activation, size_t rows, size_t width, const float* in,
                     size_t in_stride, float* out, size_t out_stride) const noexcept override {
    ops::activate_rows(team, table_, activation, rows, width, in, in_stride, out, out_stride);
  }
  void rotate_rows(Team& team, size_t rows, size_t heads, size_t head_size, size_t rotary,
                   const float* cosines, const float* sines, float* data,
                   size_t row_stride) const noexcept override {
    ops::rotate_rows(team, table_, rows, heads, head_size, rotary, cosines, sines, data, row_stride);
  }

 private:
  const dispatch::KernelTable& table_;
};

}  // namespace

const Operators& cpu_operators(const dispatch::KernelTable& table) {
  // Tables are few and live as long as the process; so do their operators.
  static std::mutex mutex;
  static std::map<const dispatch::KernelTable*, CpuOperators> operators;
  const std::lock_guard<std::mutex> lock(mutex);
  return operators.try_emplace(&table, table).first->second;
}

}  // namespace weft::ops
