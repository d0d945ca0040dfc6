// See ops/cosine_top_k.h. The queries, made unit vectors, are the weights of a matrix product whose rows are
// a block of the matrix; its scores are offered to one heap per query and piece, and the pieces' heaps are
// merged.
#include "ops/cosine_top_k.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <new>
#include <vector>

#include "core/buffer.h"
#include "ops/best_few.h"
#include "ops/gemm.h"
#include "ops/packed_matrix.h"
#include "ops/rows.h"
#include "ops/tile_workers.h"

namespace weft::ops {
namespace {

constexpr float kLeastNorm = 1e-8f;
// A block of floats stays in half of a second cache level of 1 MiB between its norms and its products.
constexpr size_t kBlockFloats = size_t{1} << 17;
constexpr size_t kMostBlockRows = 512;
constexpr size_t kPiecesPerThread = 4;
// Above this the packed product, which copies the rows and computes for panels of queries, is faster.
constexpr size_t kFewQueries = 16;

size_t count_rows(const TopKProblem& problem) {
  size_t rows = 0;
  for (const RowsPart& part : problem.parts) rows += part.rows;
  return rows;
}

bool is_valid(const TopKProblem& problem) {
  for (const RowsPart& part : problem.parts) {
    const bool is_known = part.dtype == DType::f32 || part.dtype == DType::f16;
    if (!is_known || part.stride < problem.width) return false;
  }
  const size_t rows = count_rows(problem);
  return problem.width >= 1 && problem.best <= rows &&
         rows <= static_cast<size_t>(std::numeric_limits<int32_t>::max());
}

// Rows of one part that are worked on together; `place` is the first one's among all.
struct Block {
  const RowsPart* part;
  size_t first;
  size_t count;
  size_t place;
};

std::vector<Block> cut_blocks(const TopKProblem& problem, size_t block_rows) {
  std::vector<Block> blocks;
  size_t place = 0;
  for (const RowsPart& part : problem.parts) {
    for (size_t first = 0; first < part.rows; first += block_rows) {
      blocks.push_back({&part, first, std::min(block_rows, part.rows - first), place + first});
    }
    place += part.rows;
  }
  return blocks;
}

// What works on blocks: products [count][queries], then norms, then rows of half precision as floats.
struct Piece {
  const dispatch::KernelTable& table;
  const TopKProblem& problem;
  const std::vector<float>& unit_queries;
  const PackedMatrix* packed_queries;  // null for few
  size_t block_rows;
  const Team& team;

  size_t slot_floats() const { return block_rows * (problem.queries + 1 + problem.width); }
  Status run(std::span<const Block> blocks, std::vector<BestFew>& heaps, float* slot) const noexcept;

 private:
  Status multiply(const Block& block, float* products, float* norms, float* widened,
                  const float*& known_norms) const noexcept;
  void offer_block(const Block& block, const float* products, const float* norms,
                   std::vector<BestFew>& heaps) const noexcept;
};

void Piece::offer_block(const Block& block, const float* products, const float* norms,
                        std::vector<BestFew>& heaps) const noexcept {
  for (size_t row = 0; row < block.count; ++row) {
    const float factor = 1 / std::max(norms[row], kLeastNorm);
    const float* row_products = products + row * problem.queries;
    for (size_t query = 0; query < problem.queries; ++query) {
      float score = row_products[query] * factor;
      BestFew& heap = heaps[query];
      if (score <= heap.threshold() && heap.count() == problem.best) continue;
      if (std::isnan(score)) score = -std::numeric_limits<float>::infinity();
      heap.offer({score, static_cast<int32_t>(block.place + row)});
    }
  }
}

// products: [count][queries]; known_norms: [count].
Status Piece::multiply(const Block& block, float* products, float* norms, float* widened,
                       const float*& known_norms) const noexcept {
  const RowsPart& part = *block.part;
  const kernels::RowsF32& kernel = *table.rows_f32;
  known_norms = part.norms == nullptr ? norms : part.norms + block.first;
  const bool are_halves = part.dtype == DType::f16;
  if (are_halves && packed_queries == nullptr && part.norms != nullptr) {
    const auto* rows = static_cast<const uint16_t*>(part.data) + block.first * part.stride;
    for (size_t query = 0; query < problem.queries; query += kernels::kMostDotQueries) {
      kernel.half_dots(block.count, problem.width, rows, part.stride,
                       std::min(kernels::kMostDotQueries, problem.queries - query),
                       unit_queries.data() + query * problem.width, products + query, problem.queries);
    }
    return Status::ok;
  }
  const float* rows = widened;
  size_t stride = problem.width;
  if (are_halves) {
    const auto* halves = static_cast<const uint16_t*>(part.data) + block.first * part.stride;
    for (size_t row = 0; row < block.count; ++row) {
      kernel.widen_halves(problem.width, halves + row * part.stride, widened + row * stride);
    }
  } else {
    rows = static_cast<const float*>(part.data) + block.first * part.stride;
    stride = part.stride;
  }
  if (part.norms == nullptr) kernel.norms(block.count, problem.width, rows, stride, norms);
  if (packed_queries != nullptr) {
    Team alone;
    return gemm(alone, table, block.count, rows, stride, *packed_queries, {}, products, problem.queries);
  }
  for (size_t query = 0; query < problem.queries; query += kernels::kMostDotQueries) {
    kernel.dots(block.count, problem.width, rows, stride,
                std::min(kernels::kMostDotQueries, problem.queries - query),
                unit_queries.data() + query * problem.width, products + query, problem.queries);
  }
  return Status::ok;
}

Status Piece::run(std::span<const Block> blocks, std::vector<BestFew>& heaps, float* slot) const noexcept {
  float* norms = slot + block_rows * problem.queries;
  float* widened = norms + block_rows;
  for (const Block& block : blocks) {
    if (team.is_cancelled()) return Status::cancelled;
    const WeightFile* file = block.part->file;
    if (file != nullptr && !file->is_unchanged()) return Status::bad_file;
    const float* known_norms = nullptr;
    const Status status = multiply(block, slot, norms, widened, known_norms);
    if (status != Status::ok) return status;
    offer_block(block, slot, known_norms, heaps);
  }
  return Status::ok;
}

Status pack_queries(Team& team, const dispatch::KernelTable& table, const TopKProblem& problem,
                    const std::vector<float>& unit, std::shared_ptr<const PackedMatrix>& packed) {
  if (problem.queries <= kFewQueries) return Status::ok;
  const WeightPart part = {unit.data(), DType::f32, problem.queries, problem.width, false};
  return PackedMatrix::pack(table, {&part, 1}, Precision::f32, team, packed);
}

Status find_best(Team& team, const dispatch::KernelTable& table, const TopKProblem& problem, float* scores,
                 int32_t* places) {
  std::vector<float> unit(problem.queries * problem.width);
  l2_normalise_rows(team, table, kLeastNorm, problem.queries, problem.width, problem.query, problem.width,
                    unit.data(), problem.width);
  std::shared_ptr<const PackedMatrix> packed;
  Status status = pack_queries(team, table, problem, unit, packed);
  if (status != Status::ok) return status;
  const size_t block_rows = std::clamp<size_t>(kBlockFloats / problem.width, 1, kMostBlockRows);
  const std::vector<Block> blocks = cut_blocks(problem, block_rows);
  const size_t pieces =
      team.size() == 1 ? 1 : std::min<size_t>(blocks.size(), team.size() * kPiecesPerThread);
  const size_t piece_blocks = (blocks.size() + pieces - 1) / pieces;

  Buffer memory;
  status = Buffer::allocate(pieces * problem.queries * problem.best * sizeof(Scored), memory);
  if (status != Status::ok) return status;
  auto* scored = static_cast<Scored*>(memory.data());
  std::vector<std::vector<BestFew>> heaps(pieces);
  for (size_t piece = 0; piece < pieces; ++piece) {
    for (size_t query = 0; query < problem.queries; ++query) {
      heaps[piece].emplace_back(scored + (piece * problem.queries + query) * problem.best, problem.best);
    }
  }
  const Piece work = {table, problem, unit, packed.get(), block_rows, team};
  status = for_tiles(team, pieces, work.slot_floats(), [&](size_t piece, float* slot) {
    const size_t first = std::min(blocks.size(), piece * piece_blocks);
    const size_t count = std::min(piece_blocks, blocks.size() - first);
    return work.run(std::span(blocks).subspan(first, count), heaps[piece], slot);
  });
  if (status != Status::ok) return status;

  for (size_t query = 0; query < problem.queries; ++query) {
    BestFew& best = heaps[0][query];
    for (size_t piece = 1; piece < pieces; ++piece) {
      const BestFew& other = heaps[piece][query];
      for (size_t i = 0; i < other.count(); ++i) best.offer(other.begin()[i]);
    }
    best.sort();
    for (size_t i = 0; i < problem.best; ++i) {
      scores[query * problem.best + i] = best.begin()[i].score;
      places[query * problem.best + i] = best.begin()[i].place;
    }
  }
  return Status::ok;
}

}  // namespace

Status cosine_top_k(Team& team, const dispatch::KernelTable& table, const TopKProblem& problem, float* scores,
                    int32_t* places) noexcept {
  if (!is_valid(problem)) return Status::invalid_argument;
  if (problem.queries == 0 || problem.best == 0) return Status::ok;
  for (size_t i = 0; i < problem.queries * problem.width; ++i) {
    if (!std::isfinite(problem.query[i])) return Status::not_finite;
  }
  try {
    return find_best(team, table, problem, scores, places);
  } catch (const std::bad_alloc&) {
    return Status::out_of_memory;
  }
}

}  // namespace weft::ops
