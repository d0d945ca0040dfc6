// One row per instruction set that this build knows; a row the processor lacks is skipped.
#include "dispatch/kernel_table.h"

#include "dispatch/cpu_features.h"

namespace weft::dispatch {
namespace {

constexpr KernelTable kScalar = {"scalar",
                                 &kernels::resample_u8_scalar,
                                 &kernels::rows_f32_scalar,
                                 &kernels::depthwise_f32_scalar,
                                 &kernels::transpose_f32_scalar,
                                 &kernels::attention_f32_scalar};
#if defined(WEFT_ISA_X86)
constexpr KernelTable kAvx2 = {"avx2",
                               &kernels::resample_u8_avx2,
                               &kernels::rows_f32_avx2,
                               &kernels::depthwise_f32_avx2,
                               &kernels::transpose_f32_avx2,
                               &kernels::attention_f32_avx2};
constexpr KernelTable kAvx512 = {"avx512",
                                 &kernels::resample_u8_avx512,
                                 &kernels::rows_f32_avx512,
                                 &kernels::depthwise_f32_avx512,
                                 &kernels::transpose_f32_avx512,
                                 &kernels::attention_f32_avx512};
#elif defined(WEFT_ISA_ARM)
constexpr KernelTable kNeon = {"neon",
                               &kernels::resample_u8_neon,
                               &kernels::rows_f32_neon,
                               &kernels::depthwise_f32_neon,
                               &kernels::transpose_f32_neon,
                               &kernels::attention_f32_neon};
#endif

// Every name of any build: a known name that cannot run here is unsupported, anything else unknown.
constexpr std::string_view kKnownNames[] = {"scalar", "avx2", "avx512", "neon"};

AvailableTables detect() noexcept {
  AvailableTables available{};
  [[maybe_unused]] const CpuFeatures features = detect_cpu_features();
#if defined(WEFT_ISA_X86)
  if (features.avx512) available.tables[available.count++] = &kAvx512;
  if (features.avx2) available.tables[available.count++] = &kAvx2;
#elif defined(WEFT_ISA_ARM)
  if (features.neon) available.tables[available.count++] = &kNeon;
#endif
  available.tables[available.count++] = &kScalar;
  return available;
}

}  // namespace

const AvailableTables& available_tables() noexcept {
  static const AvailableTables available = detect();
  return available;
}

Status select_table(std::string_view forced, const KernelTable*& table) noexcept {
  const AvailableTables& available = available_tables();
  if (forced.empty()) {
    table = available.tables[0];
    return Status::ok;
  }
  for (size_t index = 0; index < available.count; ++index) {
    if (forced == available.tables[index]->isa) {
      table = available.tables[index];
      return Status::ok;
    }
  }
  for (const std::string_view name : kKnownNames) {
    if (forced == name) return Status::unsupported_isa;
  }
  return Status::unknown_isa;
}

}  // namespace weft::dispatch
