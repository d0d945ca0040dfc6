// See ops/attention.h: one problem, every item and key head on its own.
#include "ops/attention.h"

#include "ops/attention_blocks.h"
#include "ops/attention_pieces.h"

namespace weft::ops {

Status attend(Team& team, const dispatch::KernelTable& table, const Attention& problem, float* out,
              size_t out_batch_stride, size_t out_row_stride, size_t out_head_stride) noexcept {
  const OutputRows rows{out, out_batch_stride, out_row_stride, out_head_stride};
  const Status checked = check_attention(problem, rows);
  if (checked != Status::ok) return checked;
  const kernels::AttentionF32& kernels = *table.attention_f32;
  const size_t group = problem.heads / problem.key_heads;
  const size_t count = problem.queries * group;
  const double work = 2.0 * static_cast<double>(problem.batch * problem.heads * problem.head_size) *
                      static_cast<double>(problem.queries) * static_cast<double>(problem.keys);
  return for_each_piece(team, kernels, problem.head_size, problem.scale, problem.batch * problem.key_heads,
                        count, work, [&](const StreamContext& context, const Piece& piece) {
                          const size_t item = piece.group / problem.key_heads;
                          const size_t key_head = piece.group % problem.key_heads;
                          QueryRows queries;
                          gather_queries(problem, rows, item, key_head, piece.from, piece.to, queries);
                          SoftmaxState state;
                          stream_piece(context, key_run(problem, item, key_head), queries, Leave::averages,
                                       state);
                        });
}

}  // namespace weft::ops
