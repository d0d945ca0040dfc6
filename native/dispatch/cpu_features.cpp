// CPUID names instructions, XGETBV tells whether the system saves their registers; both must say yes.
// The feature groups are those whose flags CMakeLists.txt gives the variants.
#include "dispatch/cpu_features.h"

#include <cstdint>

#if defined(WEFT_ISA_X86)
#if defined(_MSC_VER)
#include <intrin.h>
#else
#include <cpuid.h>
#endif
#endif

namespace weft::dispatch {

#if defined(WEFT_ISA_X86)
namespace {

struct Registers {
  uint32_t eax = 0, ebx = 0, ecx = 0, edx = 0;
};

Registers cpuid(uint32_t leaf) noexcept {
  Registers r;
#if defined(_MSC_VER)
  int values[4];
  __cpuidex(values, static_cast<int>(leaf), 0);
  r = {static_cast<uint32_t>(values[0]), static_cast<uint32_t>(values[1]), static_cast<uint32_t>(values[2]),
       static_cast<uint32_t>(values[3])};
#else
  __cpuid_count(leaf, 0, r.eax, r.ebx, r.ecx, r.edx);
#endif
  return r;
}

uint64_t enabled_state() noexcept {
#if defined(_MSC_VER)
  return _xgetbv(0);
#else
  uint32_t low = 0, high = 0;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (static_cast<uint64_t>(high) << 32) | low;
#endif
}

constexpr bool has_all(uint64_t value, uint64_t bits) { return (value & bits) == bits; }
constexpr uint64_t bit(int index) { return uint64_t{1} << index; }

}  // namespace

CpuFeatures detect_cpu_features() noexcept {
  CpuFeatures features;
  if (cpuid(0).eax < 7 || cpuid(0x80000000u).eax < 0x80000001u) return features;
  const uint32_t leaf1 = cpuid(1).ecx;
  const Registers features7 = cpuid(7);
  const uint32_t leaf7 = features7.ebx;
  const uint32_t extended = cpuid(0x80000001u).ecx;
  constexpr uint64_t kOsxsaveAvx = bit(27) | bit(28);
  if (!has_all(leaf1, kOsxsaveAvx)) return features;
  const uint64_t state = enabled_state();

  // Leaf 1 ECX: PCLMUL 1, FMA 12, MOVBE 22, POPCNT 23, AES 25, F16C 29. Leaf 7 EBX: BMI1 3, AVX2 5, BMI2 8.
  constexpr uint64_t kLeaf1 = bit(1) | bit(12) | bit(22) | bit(23) | bit(25) | bit(29);
  constexpr uint64_t kLeaf7 = bit(3) | bit(5) | bit(8);
  constexpr uint64_t kLzcnt = bit(5);
  constexpr uint64_t kYmmState = bit(1) | bit(2);
  features.avx2 = has_all(leaf1, kLeaf1) && has_all(leaf7, kLeaf7) && has_all(extended, kLzcnt) &&
                  has_all(state, kYmmState);

  // Leaf 7 EBX: F 16, DQ 17, CD 28, BW 30, VL 31. State: opmask, upper halves of ZMM0-15, ZMM16-31.
  constexpr uint64_t kAvx512 = bit(16) | bit(17) | bit(28) | bit(30) | bit(31);
  constexpr uint64_t kZmmState = bit(5) | bit(6) | bit(7);
  features.avx512 = features.avx2 && has_all(leaf7, kAvx512) && has_all(state, kZmmState);

  // Leaf 7 ECX: VBMI 1, VBMI2 6, GFNI 8, VAES 9, VPCLMULQDQ 10, VNNI 11, BITALG 12, VPOPCNTDQ 14.
  constexpr uint64_t kVnni = bit(1) | bit(6) | bit(8) | bit(9) | bit(10) | bit(11) | bit(12) | bit(14);
  features.avx512vnni = features.avx512 && has_all(features7.ecx, kVnni);
  return features;
}

#elif defined(WEFT_ISA_ARM)

CpuFeatures detect_cpu_features() noexcept {
  CpuFeatures features;
  features.neon = true;
  return features;
}

#else

CpuFeatures detect_cpu_features() noexcept { return {}; }

#endif

}  // namespace weft::dispatch
