// See ops/attention.h: many branches over a shared prefix. The queries of all branches stream over the shared
// keys together; each then continues its own softmax over the keys of its branch.
#include <algorithm>

#include "ops/attention.h"
#include "ops/attention_blocks.h"
#include "ops/attention_pieces.h"

namespace weft::ops {

Status attend_tree(Team& team, const dispatch::KernelTable& table, const Attention& branches,
                   size_t shared_keys, const HeadRows& shared_key, const HeadRows& shared_value, float* out,
                   size_t out_batch_stride, size_t out_row_stride, size_t out_head_stride) noexcept {
  Attention shared = branches;
  shared.keys = shared_keys;
  shared.key = shared_key;
  shared.value = shared_value;
  shared.key.batch_stride = 0;
  shared.value.batch_stride = 0;
  shared.mask = AttentionMask{};
  Attention own = branches;
  own.mask = AttentionMask{};
  own.mask.causal = branches.mask.causal;
  own.mask.causal_offset = branches.mask.causal_offset;
  const OutputRows rows{out, out_batch_stride, out_row_stride, out_head_stride};
  for (const Attention* part : {&shared, &own}) {
    const Status checked = check_attention(*part, rows);
    if (checked != Status::ok) return checked;
  }
  const kernels::AttentionF32& kernels = *table.attention_f32;
  const size_t per_branch = branches.queries * (branches.heads / branches.key_heads);
  const double work = 2.0 * static_cast<double>(branches.batch * branches.heads * branches.head_size) *
                      static_cast<double>(branches.queries) *
                      static_cast<double>(branches.keys + shared_keys);
  return for_each_piece(team, kernels, branches.head_size, branches.scale, branches.key_heads,
                        branches.batch * per_branch, work,
                        [&](const StreamContext& context, const Piece& piece) {
                          // Queries [from, to) of all branches, taken branch by branch, as the pieces of
                          // `problem` they are.
                          const auto for_each_branch = [&](auto visit) {
                            for (size_t from = piece.from; from < piece.to;) {
                              const size_t branch = from / per_branch;
                              const size_t to = std::min(piece.to, (branch + 1) * per_branch);
                              visit(branch, from, to);
                              from = to;
                            }
                          };
                          QueryRows queries;
                          for_each_branch([&](size_t branch, size_t from, size_t to) {
                            gather_queries(shared, rows, branch, piece.group, from - branch * per_branch,
                                           to - branch * per_branch, queries);
                          });
                          SoftmaxState state;
                          stream_piece(context, key_run(shared, 0, piece.group), queries, Leave::sums, state);

                          QueryRows tails;
                          for_each_branch([&](size_t branch, size_t from, size_t to) {
                            gather_queries(own, rows, branch, piece.group, from - branch * per_branch,
                                           to - branch * per_branch, tails);
                            stream_rows(context, key_run(own, branch, piece.group), tails, from - piece.from,
                                        to - piece.from, true, state);
                          });
                          finish_rows(context, tails, 0, tails.count, state);
                        });
}

}  // namespace weft::ops
