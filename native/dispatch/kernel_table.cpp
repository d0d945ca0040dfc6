// One row per instruction set that this build knows; a row the processor lacks is skipped.
#include "dispatch/kernel_table.h"

#include "dispatch/cpu_features.h"

namespace weft::dispatch {
namespace {

constexpr KernelTable kScalar = {
    .isa = "scalar",
    .resample_u8 = &kernels::resample_u8_scalar,
    .rows_f32 = &kernels::rows_f32_scalar,
    .depthwise_f32 = &kernels::depthwise_f32_scalar,
    .transpose_f32 = &kernels::transpose_f32_scalar,
    .attention_f32 = &kernels::attention_f32_scalar,
    .gemm_f32 = &kernels::gemm_f32_scalar,
    .gemm_bf16 = &kernels::gemm_bf16_scalar,
    .gemm_i8 = &kernels::gemm_i8_scalar,
    .throughput_f32 = &kernels::throughput_f32_scalar,
};
#if defined(WEFT_ISA_X86)
constexpr KernelTable kAvx2 = {
    .isa = "avx2",
    .resample_u8 = &kernels::resample_u8_avx2,
    .rows_f32 = &kernels::rows_f32_avx2,
    .depthwise_f32 = &kernels::depthwise_f32_avx2,
    .transpose_f32 = &kernels::transpose_f32_avx2,
    .attention_f32 = &kernels::attention_f32_avx2,
    .gemm_f32 = &kernels::gemm_f32_avx2,
    .gemm_bf16 = &kernels::gemm_bf16_avx2,
    .gemm_i8 = &kernels::gemm_i8_avx2,
    .throughput_f32 = &kernels::throughput_f32_avx2,
};
constexpr KernelTable kAvx512 = {
    .isa = "avx512",
    .resample_u8 = &kernels::resample_u8_avx512,
    .rows_f32 = &kernels::rows_f32_avx512,
    .depthwise_f32 = &kernels::depthwise_f32_avx512,
    .transpose_f32 = &kernels::transpose_f32_avx512,
    .attention_f32 = &kernels::attention_f32_avx512,
    .gemm_f32 = &kernels::gemm_f32_avx512,
    .gemm_bf16 = &kernels::gemm_bf16_avx512,
    .gemm_i8 = &kernels::gemm_i8_avx512,
    .throughput_f32 = &kernels::throughput_f32_avx512,
};

// Only what multiplies 8-bit numbers is different.
constexpr KernelTable with_vnni(KernelTable table) {
  table.isa = "avx512vnni";
  table.gemm_i8 = &kernels::gemm_i8_avx512vnni;
  return table;
}
constexpr KernelTable kAvx512Vnni = with_vnni(kAvx512);
#elif defined(WEFT_ISA_ARM)
constexpr KernelTable kNeon = {
    .isa = "neon",
    .resample_u8 = &kernels::resample_u8_neon,
    .rows_f32 = &kernels::rows_f32_neon,
    .depthwise_f32 = &kernels::depthwise_f32_neon,
    .transpose_f32 = &kernels::transpose_f32_neon,
    .attention_f32 = &kernels::attention_f32_neon,
    .gemm_f32 = &kernels::gemm_f32_neon,
    .gemm_bf16 = &kernels::gemm_bf16_neon,
    .gemm_i8 = &kernels::gemm_i8_neon,
    .throughput_f32 = &kernels::throughput_f32_neon,
};
#endif

// Every name of any build: a known name that cannot run here is unsupported, anything else unknown.
constexpr std::string_view kKnownNames[] = {"scalar", "avx2", "avx512", "avx512vnni", "neon"};

AvailableTables detect() noexcept {
  AvailableTables available{};
  [[maybe_unused]] const CpuFeatures features = detect_cpu_features();
#if defined(WEFT_ISA_X86)
  if (features.avx512vnni) available.tables[available.count++] = &kAvx512Vnni;
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
