// ops::attend against attention by its definition: every shape, layout and mask.
#include "attention_oracle.h"

namespace weft::tests {
namespace {

std::string sizes_of(const ops::Attention& problem) {
  return std::to_string(problem.batch) + " x " + std::to_string(problem.heads) + "/" +
         std::to_string(problem.key_heads) + " heads of " + std::to_string(problem.head_size) + ", " +
         std::to_string(problem.queries) + " queries, " + std::to_string(problem.keys) + " keys";
}

// Numbers of queries and keys below, at and beyond vectors, blocks and two tiles of every instruction set.
void test_shapes(const dispatch::KernelTable& table) {
  Random random(1);
  const Layout layouts[] = {Layout::separate, Layout::interleaved, Layout::cache};
  size_t turn = 0;
  for (const size_t head_size : {1, 3, 8, 16, 40, 64, 80, 128, 256}) {
    for (const size_t queries : {0, 1, 3, 16, 21, 50, 103}) {
      for (const size_t keys : {0, 1, 7, 50, 103, 197, 821}) {
        const DrawnAttention drawn(random, 1, 2, 2, head_size, queries, keys, layouts[turn++ % 3]);
        compare_attention(table, drawn.problem, sizes_of(drawn.problem));
      }
    }
  }
}

void test_grouped_heads(const dispatch::KernelTable& table) {
  Random random(2);
  for (const size_t key_heads : {1, 2, 3, 6}) {
    for (const size_t queries : {1, 2, 29}) {
      for (const Layout layout : {Layout::separate, Layout::interleaved, Layout::cache}) {
        DrawnAttention drawn(random, 2, 6, key_heads, 20, queries, 29, layout);
        compare_attention(table, drawn.problem, "grouped: " + sizes_of(drawn.problem));
        drawn.problem.mask.causal = true;
        drawn.problem.mask.causal_offset = 29 - queries;
        compare_attention(table, drawn.problem, "grouped, causal: " + sizes_of(drawn.problem));
      }
    }
  }
}

// Every option of the mask alone and with the others, on sizes that reach several tiles.
void test_masks(const dispatch::KernelTable& table) {
  Random random(3);
  for (unsigned round = 0; round < 512; ++round) {
    const unsigned set = round < 256 ? round : static_cast<unsigned>(random.below(256));
    const bool large = round % 8 == 7;
    const size_t keys = 1 + random.below(large ? 700 : 120);
    const size_t queries = random.below(3) == 0 ? keys : 1 + random.below(large ? 90 : 60);
    const size_t key_heads = 1 + random.below(2);
    const size_t heads = key_heads * (1 + random.below(2));
    const size_t batch = 1 + random.below(2);
    const size_t head_size = 1 + random.below(40);
    DrawnAttention drawn(random, batch, heads, key_heads, head_size, queries, keys,
                         static_cast<Layout>(random.below(3)));
    ops::AttentionMask& mask = drawn.problem.mask;
    std::string what = sizes_of(drawn.problem);
    const auto has = [&](unsigned bit, const char* name) {
      if ((set >> bit & 1) == 0) return false;
      what += std::string(", ") + name;
      return true;
    };
    if (has(0, "causal")) {
      mask.causal = true;
      mask.causal_offset = keys > queries && random.below(2) == 0 ? keys - queries : random.below(9);
    }
    if (has(1, "prefix")) mask.prefix = random.below(keys + 3);
    if (has(2, "window before")) mask.window_before = random.below(keys);
    if (has(3, "window after")) mask.window_after = random.below(keys);
    if (has(4, "key counts")) {
      for (size_t item = 0; item < batch; ++item) drawn.key_counts.push_back(random.below(keys + 1));
      mask.key_counts = drawn.key_counts.data();
    }
    if (has(5, "key bias")) {
      mask.key_bias_stride = keys + 2;
      drawn.key_bias = random.numbers(batch * mask.key_bias_stride, -3.0f, 3.0f);
      for (float& bias : drawn.key_bias) {
        const size_t kind = random.below(4);
        if (kind == 0) bias = -kInfinity;
        if (kind == 1) bias = kLowestFloat;
      }
      mask.key_bias = drawn.key_bias.data();
    }
    if (has(6, "bias")) {
      // Some strides are 0: one bias for all heads, items or queries.
      mask.bias_row_stride = random.below(4) == 0 ? 0 : keys + 1;
      mask.bias_head_stride = random.below(3) == 0 ? 0 : queries * (keys + 1);
      mask.bias_batch_stride = random.below(3) == 0 ? 0 : heads * queries * (keys + 1);
      drawn.bias = random.numbers(batch * heads * queries * (keys + 1), -3.0f, 3.0f);
      for (float& bias : drawn.bias) {
        if (random.below(5) == 0) bias = -kInfinity;
      }
      mask.bias = drawn.bias.data();
    }
    if (has(7, "slopes")) {
      // Scores stay below about 10: rounding one to float costs its absolute error times the result.
      drawn.slopes = random.numbers(heads, 0.0f, 10.0f / static_cast<float>(keys));
      mask.slopes = drawn.slopes.data();
    }
    compare_attention(table, drawn.problem, what);
  }
}

// Vision transformers' own sizes, with the rows a joint projection leaves.
void test_real_sizes(const dispatch::KernelTable& table) {
  Random random(4);
  for (const size_t rows : {50, 197, 257}) {
    const DrawnAttention drawn(random, 2, 3, 3, 64, rows, rows, Layout::interleaved);
    compare_attention(table, drawn.problem, "real: " + sizes_of(drawn.problem));
  }
}

}  // namespace
}  // namespace weft::tests

int main() {
  const weft::dispatch::KernelTable& table = weft::tests::forced_table();
  weft::tests::test_shapes(table);
  weft::tests::test_grouped_heads(table);
  weft::tests::test_masks(table);
  weft::tests::test_real_sizes(table);
  std::printf("greatest error %.2e of 1 + |expected|\n", weft::tests::greatest_error());
  return weft::tests::summary("attention");
}
