// How tokens or pictures become the first rows of a stack.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/status.h"
#include "core/team.h"
#include "core/tensor.h"
#include "ops/interpolation_taps.h"
#include "ops/linear.h"
#include "ops/operators.h"
#include "ops/stack_layers.h"
#include "ops/weight_file.h"

namespace weft::ops {

// Rows of a stored matrix [rows][width], f32, f16 or bf16, read where they lie; `owner` keeps the memory.
struct EmbeddingTable {
  const void* data = nullptr;
  DType dtype = DType::f32;
  size_t rows = 0;
  size_t width = 0;
  std::shared_ptr<const void> owner;
  // The file they belong to, which is the owner then; else null.
  const WeightFile* file = nullptr;

  // False once its file was written to after it was opened: pages beyond a cut must not be touched.
  bool is_unchanged() const noexcept { return file == nullptr || file->is_unchanged(); }

  // out[i] += scale * row: `add` false overwrites. `row` must be below rows.
  void read(size_t row, float scale, bool add, float* out) const noexcept;
};

// x = norm(project(scale * token) + position + segment). The position of a token is its number +
// position_offset (OPT: 2).
struct TokenEmbedding {
  EmbeddingTable tokens;
  float scale = 1.0f;
  std::optional<EmbeddingTable> positions;
  size_t position_offset = 0;
  std::optional<EmbeddingTable> segments;
  Linear project;  // width of the tokens to width of the stack, where they differ
  std::optional<OwnedNorm> norm;
};

// Patches of pictures through one matrix (a convolution whose stride is its kernel), after leading rows that
// belong to no patch (class, distillation), each with its position. Rows are patch by patch, row by row of
// the picture.
struct PatchEmbedding {
  Linear project;  // inputs: channels * patch_height * patch_width in that order
  size_t channels = 3;
  size_t patch_height = 0;
  size_t patch_width = 0;
  std::vector<float> leading;     // [leading rows, width] or empty
  std::vector<float> positions;   // [leading rows + grid_height * grid_width, width] or empty
  bool leading_positions = true;  // positions begins with those of the leading rows
  size_t grid_height = 0;         // of `positions`
  size_t grid_width = 0;
  Interpolation interpolation = Interpolation::bicubic;  // of positions for another grid
  std::optional<OwnedNorm> norm;                         // after the positions (CLIP's pre_layrnorm)
};

struct TokenBatch {
  size_t batch = 0;
  size_t length = 0;
  const int64_t* ids = nullptr;        // [batch, length]
  const int64_t* positions = nullptr;  // [batch, length]; null: first_position, first_position + 1, ...
  size_t first_position = 0;
  const int64_t* segments = nullptr;  // [batch, length]; null: 0
};

// out: [batch * length, width]. token_out_of_range, position_out_of_range, bad_file.
Status embed_tokens(Team& team, const Operators& operators, const TokenEmbedding& embedding,
                    const TokenBatch& tokens, float* out, size_t width) noexcept;

// How many rows a picture of that size gives, leading rows included; 0 when it is smaller than a patch.
size_t patch_rows(const PatchEmbedding& embedding, size_t width, size_t picture_height,
                  size_t picture_width) noexcept;

// pixels: [batch, channels, height, width]; a rest smaller than a patch is left out, as a convolution does.
// Positions of another grid are resized as PyTorch does (half-pixel centres, borders repeated, no antialias).
// out: [batch * patch_rows, width].
Status embed_patches(Team& team, const Operators& operators, const PatchEmbedding& embedding, size_t batch,
                     const float* pixels, size_t picture_height, size_t picture_width, float* out,
                     size_t width) noexcept;

}  // namespace weft::ops
