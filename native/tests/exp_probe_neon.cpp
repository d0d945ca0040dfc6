// See exp_probe.h.
#include "exp_probe_vector.h"

namespace weft::tests {

const ExpProbe exp_probe_neon = {&exp_all, &exp2_nonpositive_all};

}  // namespace weft::tests
