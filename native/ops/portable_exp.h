// exp in double from additions and multiplications alone: the C library's differs between systems in the last
// bit, and a drawn token must not. Compiled without contraction, so every machine rounds the same way.
#pragma once

namespace weft::ops {

// Within 2 units in the last place; 0 below -708, infinity above 709.
double portable_exp(double x) noexcept;

}  // namespace weft::ops
