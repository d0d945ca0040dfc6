// The vector form of kernels/resample_u8.h, in Highway's portable vectors: every ISA source includes it once.
// Everything here has internal linkage; it must not include anything but Highway and the signatures.
//
// A 128-bit block is one row: [R R][G G][B B][A A], two neighbouring taps of each channel as int16.
// Multiply-add of neighbours against [low low] and [high high] gives one int32 sum per channel and row; a
// wider vector holds more rows, which share the weights. Three-channel pixels use 12 of the 16 bytes loaded,
// the fourth lane is ignored.
#include <cstdint>

#include "hwy/highway.h"
#include "kernels/resample_u8.h"

namespace weft::kernels {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using Bytes = hn::ScalableTag<uint8_t>;
using Shorts = hn::ScalableTag<int16_t>;
using Words = hn::ScalableTag<int32_t>;
using ByteVector = hn::Vec<Bytes>;
using WordVector = hn::Vec<Words>;

constexpr int kVectorBytes = static_cast<int>(HWY_LANES(uint8_t));
constexpr int kRowsPerVector = kVectorBytes / 16;
static_assert(kRowsPerVector == 1 || kRowsPerVector == 2 || kRowsPerVector == 4);
static_assert(kRowPadding >= kVectorBytes);

struct Sums {
  WordVector low;
  WordVector high;
};

// pixels: pairs of taps as int16; low, high: the halves of both weights in every lane.
HWY_INLINE void multiply_add(hn::Vec<Shorts> pixels, WordVector low, WordVector high, Sums& sums) {
  const Shorts shorts;
  const Words words;
  sums.low = hn::Add(sums.low, hn::WidenMulPairwiseAdd(words, pixels, hn::BitCast(shorts, low)));
  sums.high = hn::Add(sums.high, hn::WidenMulPairwiseAdd(words, pixels, hn::BitCast(shorts, high)));
}

HWY_INLINE Sums zero_sums() {
  const Words words;
  return {hn::Set(words, 1 << (kPrecisionBits - 1)), hn::Zero(words)};
}

HWY_INLINE WordVector finish(const Sums& sums) {
  return hn::ShiftRight<kPrecisionBits>(hn::Add(sums.low, hn::ShiftLeft<kSplitBits>(sums.high)));
}

// Four int32 vectors to bytes, clipped, block by block: block b of the result = [a.b, b.b, c.b, d.b].
HWY_INLINE ByteVector pack(WordVector a, WordVector b, WordVector c, WordVector d) {
  const Shorts shorts;
  const Bytes bytes;
  return hn::ReorderDemote2To(bytes, hn::ReorderDemote2To(shorts, a, b), hn::ReorderDemote2To(shorts, c, d));
}

// The 16 bytes at `offset` of each row, a block per row.
HWY_INLINE ByteVector load_rows(const uint8_t* const* rows, int64_t offset) {
  const Bytes bytes;
  if constexpr (kRowsPerVector == 1) {
    return hn::LoadU(bytes, rows[0] + offset);
  } else if constexpr (kRowsPerVector == 2) {
    const hn::Half<Bytes> half;
    return hn::Combine(bytes, hn::LoadU(half, rows[1] + offset), hn::LoadU(half, rows[0] + offset));
  } else {
    const hn::Half<Bytes> half;
    const hn::Half<decltype(half)> quarter;
    const auto lower =
        hn::Combine(half, hn::LoadU(quarter, rows[1] + offset), hn::LoadU(quarter, rows[0] + offset));
    const auto upper =
        hn::Combine(half, hn::LoadU(quarter, rows[3] + offset), hn::LoadU(quarter, rows[2] + offset));
    return hn::Combine(bytes, upper, lower);
  }
}

HWY_INLINE void store_rows(ByteVector pixels, uint8_t* const* out, int64_t offset) {
  const hn::CappedTag<uint8_t, 16> block;
  hn::StoreU(hn::ExtractBlock<0>(pixels), block, out[0] + offset);
  if constexpr (kRowsPerVector >= 2) hn::StoreU(hn::ExtractBlock<1>(pixels), block, out[1] + offset);
  if constexpr (kRowsPerVector == 4) {
    hn::StoreU(hn::ExtractBlock<2>(pixels), block, out[2] + offset);
    hn::StoreU(hn::ExtractBlock<3>(pixels), block, out[3] + offset);
  }
}

constexpr uint8_t kZero = 0x80;  // TableLookupBytesOr0 gives 0 for indices with the top bit

// Shuffles of one block: taps 0 and 1, taps 2 and 3 of four pixels as zero-extended int16 pairs, and four
// RGBx results to twelve adjacent bytes.
alignas(16) constexpr uint8_t kFirstPair[2][16] = {
    {0, kZero, 3, kZero, 1, kZero, 4, kZero, 2, kZero, 5, kZero, kZero, kZero, kZero, kZero},
    {0, kZero, 4, kZero, 1, kZero, 5, kZero, 2, kZero, 6, kZero, 3, kZero, 7, kZero}};
alignas(16) constexpr uint8_t kSecondPair[2][16] = {
    {6, kZero, 9, kZero, 7, kZero, 10, kZero, 8, kZero, 11, kZero, kZero, kZero, kZero, kZero},
    {8, kZero, 12, kZero, 9, kZero, 13, kZero, 10, kZero, 14, kZero, 11, kZero, 15, kZero}};
alignas(16) constexpr uint8_t kCompact[2][16] = {
    {0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, kZero, kZero, kZero, kZero},
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}};

// kVectors * kRowsPerVector rows; `out` may be written up to four pixels past the last one.
template <int kChannels, int kVectors>
void horizontal_rows(const AxisTaps& axis, const uint8_t* const* rows, uint8_t* const* out) {
  const Bytes bytes;
  const Shorts shorts;
  const Words words;
  const ByteVector first_pair = hn::LoadDup128(bytes, kFirstPair[kChannels - 3]);
  const ByteVector second_pair = hn::LoadDup128(bytes, kSecondPair[kChannels - 3]);
  const ByteVector compact = hn::LoadDup128(bytes, kCompact[kChannels - 3]);
  for (int32_t x = 0; x < axis.count; x += 4) {
    WordVector results[kVectors][4];
    for (int32_t lane = 0; lane < 4; ++lane) {
      const int32_t position = x + lane < axis.count ? x + lane : axis.count - 1;
      const int32_t* split = axis.split + static_cast<int64_t>(position) * axis.stride;
      const int64_t start = static_cast<int64_t>(axis.first[position]) * kChannels;
      const int32_t blocks = (axis.taps[position] + kTapBlock - 1) / kTapBlock;
      Sums sums[kVectors];
      for (int vector = 0; vector < kVectors; ++vector) sums[vector] = zero_sums();
      for (int32_t block = 0; block < blocks; ++block, split += 4) {
        const WordVector low0 = hn::Set(words, split[0]);
        const WordVector high0 = hn::Set(words, split[1]);
        const WordVector low1 = hn::Set(words, split[2]);
        const WordVector high1 = hn::Set(words, split[3]);
        for (int vector = 0; vector < kVectors; ++vector) {
          const ByteVector pixels =
              load_rows(rows + vector * kRowsPerVector, start + block * kTapBlock * kChannels);
          const ByteVector pair0 = hn::TableLookupBytesOr0(pixels, first_pair);
          const ByteVector pair1 = hn::TableLookupBytesOr0(pixels, second_pair);
          multiply_add(hn::BitCast(shorts, pair0), low0, high0, sums[vector]);
          multiply_add(hn::BitCast(shorts, pair1), low1, high1, sums[vector]);
        }
      }
      for (int vector = 0; vector < kVectors; ++vector) results[vector][lane] = finish(sums[vector]);
    }
    for (int vector = 0; vector < kVectors; ++vector) {
      const WordVector* r = results[vector];
      const ByteVector pixels = hn::TableLookupBytesOr0(pack(r[0], r[1], r[2], r[3]), compact);
      store_rows(pixels, out + vector * kRowsPerVector, static_cast<int64_t>(x) * kChannels);
    }
  }
}

// One and two channels are rare (masks, grey pictures): no shuffle pays for them.
void horizontal_narrow(const AxisTaps& axis, int channels, const uint8_t* const* rows, uint8_t* const* out,
                       int row_count) {
  for (int row = 0; row < row_count; ++row) {
    for (int32_t x = 0; x < axis.count; ++x) {
      const int32_t* weights = axis.weights + static_cast<int64_t>(x) * axis.stride;
      const uint8_t* source = rows[row] + static_cast<int64_t>(axis.first[x]) * channels;
      for (int channel = 0; channel < channels; ++channel) {
        int32_t sum = 1 << (kPrecisionBits - 1);
        for (int32_t tap = 0; tap < axis.taps[x]; ++tap)
          sum += weights[tap] * source[tap * channels + channel];
        sum >>= kPrecisionBits;
        sum = sum < 0 ? 0 : sum;
        out[row][static_cast<int64_t>(x) * channels + channel] = static_cast<uint8_t>(sum > 255 ? 255 : sum);
      }
    }
  }
}

template <int kChannels>
void horizontal_wide(const AxisTaps& axis, const uint8_t* const* rows, uint8_t* const* out, int row_count) {
  constexpr int kRows = 2 * kRowsPerVector;
  for (int row = 0; row < row_count; row += kRows) {
    // A group that is not full repeats its last row: same input, same output, written twice.
    const uint8_t* group_rows[kRows];
    uint8_t* group_out[kRows];
    for (int index = 0; index < kRows; ++index) {
      const int chosen = row + index < row_count ? row + index : row_count - 1;
      group_rows[index] = rows[chosen];
      group_out[index] = out[chosen];
    }
    if (row_count - row <= kRowsPerVector) {
      horizontal_rows<kChannels, 1>(axis, group_rows, group_out);
    } else {
      horizontal_rows<kChannels, 2>(axis, group_rows, group_out);
    }
  }
}

void horizontal(const AxisTaps& axis, int channels, const uint8_t* const* rows, uint8_t* const* out,
                int row_count) {
  if (channels == 3) {
    horizontal_wide<3>(axis, rows, out, row_count);
  } else if (channels == 4) {
    horizontal_wide<4>(axis, rows, out, row_count);
  } else {
    horizontal_narrow(axis, channels, rows, out, row_count);
  }
}

void vertical(const AxisTaps& axis, int position, const uint8_t* const* rows, uint8_t* out, int byte_count) {
  const Bytes bytes;
  const Shorts shorts;
  const Words words;
  const ByteVector zero = hn::Zero(bytes);
  const int32_t taps = axis.taps[position];
  const int32_t* split_start = axis.split + static_cast<int64_t>(position) * axis.stride;
  for (int index = 0; index < byte_count; index += kVectorBytes) {
    Sums sums[4] = {zero_sums(), zero_sums(), zero_sums(), zero_sums()};
    const int32_t* split = split_start;
    for (int32_t tap = 0; tap < taps; tap += 2, split += 2) {
      const WordVector low = hn::Set(words, split[0]);
      const WordVector high = hn::Set(words, split[1]);
      const ByteVector upper_row = hn::LoadU(bytes, rows[tap] + index);
      const ByteVector lower_row = hn::LoadU(bytes, rows[tap + 1] + index);
      // Within each block: bytes of both rows side by side, then zero-extended to int16 pairs, in order.
      const ByteVector left = hn::InterleaveLower(bytes, upper_row, lower_row);
      const ByteVector right = hn::InterleaveUpper(bytes, upper_row, lower_row);
      multiply_add(hn::BitCast(shorts, hn::InterleaveLower(bytes, left, zero)), low, high, sums[0]);
      multiply_add(hn::BitCast(shorts, hn::InterleaveUpper(bytes, left, zero)), low, high, sums[1]);
      multiply_add(hn::BitCast(shorts, hn::InterleaveLower(bytes, right, zero)), low, high, sums[2]);
      multiply_add(hn::BitCast(shorts, hn::InterleaveUpper(bytes, right, zero)), low, high, sums[3]);
    }
    hn::StoreU(pack(finish(sums[0]), finish(sums[1]), finish(sums[2]), finish(sums[3])), bytes, out + index);
  }
}

}  // namespace
}  // namespace weft::kernels
