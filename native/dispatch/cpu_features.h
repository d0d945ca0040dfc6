// Asks the processor and the operating system which vector registers may be used.
#pragma once

namespace weft::dispatch {

struct CpuFeatures {
  bool avx2 = false;    // AVX2, FMA, F16C, BMI1, BMI2, LZCNT, MOVBE, POPCNT, AES, PCLMUL; 256-bit state saved
  bool avx512 = false;  // the above and AVX-512 F, BW, CD, DQ, VL; 512-bit state saved
  // The above and AVX-512 VNNI, VBMI, VBMI2, VPOPCNTDQ, BITALG, VAES, VPCLMULQDQ, GFNI: what came with VNNI
  // in every server processor but the first, and what Highway's group of it asks for.
  bool avx512vnni = false;
  bool neon = false;  // every 64-bit ARM
};

CpuFeatures detect_cpu_features() noexcept;

}  // namespace weft::dispatch
