// See ops/packed_file.h. A file: the header below, the key, the panels, the scales, each filled up with zeros
// to a multiple of 64, and 64 zeros more, because kernels may read that far.
#include "ops/packed_file.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <random>
#include <vector>

#include "core/checksum.h"
#include "core/mapped_file.h"

namespace weft::ops {
namespace {

constexpr uint64_t kMagic = 0x6b6361702e746677u;
constexpr uint64_t kFormat = 1;
constexpr uint64_t kAlignment = 64;
// What one thread checks at a time.
constexpr size_t kPiece = size_t{1} << 20;

struct Header {
  uint64_t magic = kMagic;
  uint64_t format = kFormat;
  uint64_t key_bytes = 0;
  uint64_t outputs = 0;
  uint64_t inputs = 0;
  uint64_t panel_bytes = 0;
  uint64_t scale_bytes = 0;
  // Of the fields above, the key, the panels and the scales.
  uint64_t checksum = 0;
};
static_assert(sizeof(Header) == kAlignment);

uint64_t padded(uint64_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

struct Places {
  uint64_t panels;
  uint64_t scales;
  uint64_t end;
};

Places places_of(const Header& header) {
  const uint64_t panels = sizeof(Header) + padded(header.key_bytes);
  const uint64_t scales = panels + padded(header.panel_bytes);
  return {panels, scales, scales + padded(header.scale_bytes) + kAlignment};
}

// The checksum of the checksums of all pieces.
uint64_t sum_of(const Header& header, const std::string& key, const void* panels, const void* scales,
                Team& team) {
  const auto* bytes = static_cast<const unsigned char*>(panels);
  const auto size = static_cast<size_t>(header.panel_bytes);
  std::vector<uint64_t> sums((size + kPiece - 1) / kPiece);
  team.parallel(sums.size(), [&](size_t piece) {
    const size_t start = piece * kPiece;
    sums[piece] = checksum(bytes + start, std::min(kPiece, size - start));
  });
  sums.push_back(checksum(&header, sizeof(Header) - sizeof(header.checksum)));
  sums.push_back(checksum(key.data(), key.size()));
  sums.push_back(checksum(scales, static_cast<size_t>(header.scale_bytes)));
  return checksum(sums.data(), sums.size() * sizeof(uint64_t));
}

std::filesystem::path draft_of(const std::filesystem::path& path) {
  std::random_device device;
  std::filesystem::path draft = path;
  draft += '.';
  draft += std::to_string(device());
  draft += kPackedDraft;
  return draft;
}

void write_padded(std::ofstream& file, const void* bytes, uint64_t size) {
  static constexpr char kZeros[kAlignment] = {};
  file.write(static_cast<const char*>(bytes), static_cast<std::streamsize>(size));
  file.write(kZeros, static_cast<std::streamsize>(padded(size) - size));
}

bool write_whole(const std::filesystem::path& path, const std::string& key, const PackedMatrix& matrix) {
  Header header;
  header.key_bytes = key.size();
  header.outputs = matrix.outputs();
  header.inputs = matrix.inputs();
  header.panel_bytes = matrix.layout().panel_bytes;
  header.scale_bytes = matrix.layout().scale_bytes;
  Team alone;
  header.checksum = sum_of(header, key, matrix.panels(), matrix.scales(), alone);
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  static constexpr char kReadable[kAlignment] = {};
  write_padded(file, &header, sizeof(header));
  write_padded(file, key.data(), key.size());
  write_padded(file, matrix.panels(), header.panel_bytes);
  write_padded(file, matrix.scales(), header.scale_bytes);
  write_padded(file, kReadable, sizeof(kReadable));
  file.close();
  return file.good();
}

// Every length is compared with the file's own before it is used.
bool read_header(const MappedFile& file, const std::string& key, Header& header) {
  if (file.size() < sizeof(Header)) return false;
  std::memcpy(&header, file.data(), sizeof(Header));
  const uint64_t most = file.size();
  if (header.magic != kMagic || header.format != kFormat || header.key_bytes != key.size() ||
      header.key_bytes > most || header.panel_bytes > most || header.scale_bytes > most) {
    return false;
  }
  return places_of(header).end == file.size() &&
         std::memcmp(file.data() + sizeof(Header), key.data(), key.size()) == 0;
}

}  // namespace

bool write_packed_file(const std::filesystem::path& path, const std::string& key,
                       const PackedMatrix& matrix) noexcept {
  try {
    const std::filesystem::path draft = draft_of(path);
    std::error_code failure;
    const bool is_whole = write_whole(draft, key, matrix);
    if (is_whole) std::filesystem::rename(draft, path, failure);
    if (is_whole && !failure) return true;
    std::filesystem::remove(draft, failure);
  } catch (...) {
    // No memory, or no random numbers for a name: the cache goes without this file.
  }
  return false;
}

PackedFileState read_packed_file(const std::filesystem::path& path, const std::string& key,
                                 const Operators& operators, Precision precision, Team& team,
                                 std::shared_ptr<const PackedMatrix>& matrix) noexcept {
  try {
    const std::u8string name = path.u8string();
    std::shared_ptr<const MappedFile> file;
    std::string error;
    const std::string text(name.begin(), name.end());
    if (MappedFile::open(text, file, error, false) != Status::ok) return PackedFileState::missing;
    Header header;
    if (!read_header(*file, key, header)) return PackedFileState::damaged;
    const Places places = places_of(header);
    file->prefetch(0, file->size());
    const uint8_t* panels = file->data() + places.panels;
    const uint8_t* scales = header.scale_bytes == 0 ? nullptr : file->data() + places.scales;
    if (sum_of(header, key, panels, scales, team) != header.checksum) return PackedFileState::damaged;
    const PackedMatrix::Layout layout{static_cast<size_t>(header.panel_bytes),
                                      static_cast<size_t>(header.scale_bytes)};
    const Status status =
        operators.adopt(static_cast<size_t>(header.outputs), static_cast<size_t>(header.inputs), precision,
                        layout, panels, scales, file, matrix);
    return status == Status::ok ? PackedFileState::usable : PackedFileState::damaged;
  } catch (...) {
    return PackedFileState::missing;
  }
}

}  // namespace weft::ops
