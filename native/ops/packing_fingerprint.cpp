// See ops/packing_fingerprint.h.
#include "ops/packing_fingerprint.h"

#include <memory>
#include <new>
#include <vector>

#include "core/checksum.h"

namespace weft::ops {
namespace {

// No multiple of any panel, tile or vector; every element differs.
constexpr size_t kOutputs = 101;
constexpr size_t kInputs = 139;

Status pack_sample(const Operators& operators, Precision precision,
                   std::shared_ptr<const PackedMatrix>& packed) {
  std::vector<float> sample(kOutputs * kInputs);
  for (size_t index = 0; index < sample.size(); ++index) {
    // Irregular enough that each rounding to fewer bits shows.
    sample[index] = static_cast<float>((index * 7919) % 14051) / 14051.0f - 0.47f;
  }
  const WeightPart part{sample.data(), DType::f32, kOutputs, kInputs, false};
  Team alone;
  return operators.pack(alone, {&part, 1}, precision, packed);
}

}  // namespace

Status packing_fingerprint(const Operators& operators, Precision precision,
                           std::string& fingerprint) noexcept {
  try {
    std::shared_ptr<const PackedMatrix> packed;
    const Status status = pack_sample(operators, precision, packed);
    if (status != Status::ok) return status;
    const PackedMatrix::Layout layout = packed->layout();
    const uint64_t panels = checksum(packed->panels(), layout.panel_bytes);
    fingerprint = std::to_string(static_cast<int>(precision)) + " " +
                  std::to_string(checksum(packed->scales(), layout.scale_bytes, panels));
    return Status::ok;
  } catch (const std::bad_alloc&) {
    return Status::out_of_memory;
  }
}

}  // namespace weft::ops
