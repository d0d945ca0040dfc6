// The vector form of kernels/attention_f32.h: every ISA source includes it once and names its own table.
// Everything has internal linkage; it must not include anything but Highway and kernel headers.
#include "kernels/attention_block_vector.h"
#include "kernels/attention_row_vector.h"

namespace weft::kernels {
namespace {

constexpr AttentionF32 kVectorKernels = {kLanes,       &block_pack,       &block_scores,  &block_terms,
                                         &block_weigh, &block_accumulate, &block_store,   &row_scores,
                                         &row_terms,   &row_weigh,        &row_accumulate};

}  // namespace
}  // namespace weft::kernels
