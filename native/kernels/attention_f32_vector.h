// The vector form of kernels/attention_f32.h: every ISA source includes it once and names its own table.
// Everything has internal linkage; it must not include anything but Highway and kernel headers.
#include "kernels/attention_block_vector.h"
#include "kernels/attention_row_vector.h"

namespace weft::kernels {
namespace {

constexpr AttentionF32 kVectorKernels = {
    .lanes = kLanes,
    .gather_rows = &gather_rows,
    .block_pack = &block_pack,
    .block_scores = &block_scores,
    .block_terms = &block_terms,
    .block_weigh = &block_weigh,
    .block_accumulate = &block_accumulate,
    .block_store = &block_store,
    .row_scores = &row_scores,
    .row_terms = &row_terms,
    .row_weigh = &row_weigh,
    .row_accumulate = &row_accumulate,
};

}  // namespace
}  // namespace weft::kernels
