// ops::attend_tree against attention of every branch over the whole sequence: shared keys, then its own.
#include "attention_oracle.h"

namespace weft::tests {
namespace {

struct TreeSize {
  size_t branches, heads, key_heads, head_size, queries, shared_keys, own_keys;
};

// A problem whose item b has the shared keys and then the keys of branch b.
void test_tree(const dispatch::KernelTable& table, Random& random, const TreeSize& size, bool causal) {
  const size_t keys = size.shared_keys + size.own_keys;
  DrawnAttention whole(random, size.branches, size.heads, size.key_heads, size.head_size, size.queries, keys,
                       Layout::cache);
  const size_t offset = size.own_keys > size.queries ? size.own_keys - size.queries : 0;
  whole.problem.mask.causal = causal;
  whole.problem.mask.causal_offset = size.shared_keys + offset;

  // Every item's first keys become those of item 0: the prefix that the branches share.
  const size_t batch_stride = whole.problem.key.batch_stride;
  const size_t head_stride = whole.problem.key.head_stride;
  for (std::vector<float>* cache : {&whole.keys, &whole.values}) {
    for (size_t branch = 1; branch < size.branches; ++branch) {
      for (size_t head = 0; head < size.key_heads; ++head) {
        std::copy_n(cache->begin() + static_cast<ptrdiff_t>(head * head_stride),
                    size.shared_keys * size.head_size,
                    cache->begin() + static_cast<ptrdiff_t>(branch * batch_stride + head * head_stride));
      }
    }
  }

  ops::Attention branches = whole.problem;
  branches.keys = size.own_keys;
  branches.key.data += size.shared_keys * size.head_size;
  branches.value.data += size.shared_keys * size.head_size;
  branches.mask.causal_offset = offset;
  ops::HeadRows shared_key = whole.problem.key;
  ops::HeadRows shared_value = whole.problem.value;
  shared_key.batch_stride = 0;
  shared_value.batch_stride = 0;

  const size_t width = size.heads * size.head_size;
  std::vector<float> out(size.branches * size.queries * width + 1, 777.0f);
  Team team;
  const Status status = ops::attend_tree(team, table, branches, size.shared_keys, shared_key, shared_value,
                                         out.data(), size.queries * width, width, size.head_size);
  const std::string what = std::to_string(size.branches) + " branches, " + std::to_string(size.heads) + "/" +
                           std::to_string(size.key_heads) + " heads of " + std::to_string(size.head_size) +
                           ", " + std::to_string(size.queries) + " queries, " +
                           std::to_string(size.shared_keys) + " + " + std::to_string(size.own_keys) +
                           " keys" + (causal ? ", causal" : "");
  if (!WEFT_CHECK(status == Status::ok, what)) return;
  bool right = true;
  for (size_t branch = 0; branch < size.branches; ++branch) {
    for (size_t query = 0; query < size.queries; ++query) {
      for (size_t head = 0; head < size.heads; ++head) {
        const std::vector<double> expected = attend_by_definition(whole.problem, branch, head, query);
        const float* row = out.data() + (branch * size.queries + query) * width + head * size.head_size;
        for (size_t d = 0; d < size.head_size; ++d) {
          greatest_error() = std::max(greatest_error(), std::fabs(row[d] - expected[d]));
          right = right && close(row[d], expected[d], 1e-5, 1e-5);
        }
      }
    }
  }
  WEFT_CHECK(right, what);
  WEFT_CHECK(out.back() == 777.0f, what + ": wrote after its rows");
}

}  // namespace
}  // namespace weft::tests

int main() {
  const weft::dispatch::KernelTable& table = weft::tests::forced_table();
  weft::tests::Random random(5);
  const weft::tests::TreeSize sizes[] = {
      {45, 8, 8, 64, 2, 20, 2},  // CLIP's text tower continuing 45 sentences
      {1, 1, 1, 8, 1, 1, 1},       {1, 2, 1, 5, 3, 0, 3},   {7, 2, 2, 16, 1, 700, 1},  {7, 4, 2, 24, 3, 5, 9},
      {30, 2, 1, 40, 2, 33, 4},    {3, 2, 2, 128, 5, 3, 0}, {2, 1, 1, 64, 60, 50, 60}, {0, 2, 2, 8, 2, 4, 2},
      {3, 3, 3, 256, 17, 100, 17}, {50, 1, 1, 1, 1, 9, 1},
  };
  for (const weft::tests::TreeSize& size : sizes) {
    weft::tests::test_tree(table, random, size, true);
    weft::tests::test_tree(table, random, size, false);
  }
  std::printf("greatest error %.2e\n", weft::tests::greatest_error());
  return weft::tests::summary("attention_tree");
}
