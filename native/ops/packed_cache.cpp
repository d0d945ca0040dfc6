// See ops/packed_cache.h.
#include "ops/packed_cache.h"

#include <algorithm>
#include <chrono>
#include <system_error>

#include "core/checksum.h"
#include "ops/packed_file.h"

namespace weft::ops {
namespace {

namespace fs = std::filesystem;

constexpr const char* kExtension = ".packed";
// A disk that others need is not filled: below this much free space nothing is stored.
constexpr uint64_t kLeastFree = uint64_t{1} << 30;
constexpr auto kDraftLifetime = std::chrono::hours(1);

struct Shared {
  std::mutex mutex;
  std::shared_ptr<PackedCache> cache;
};

Shared& shared() {
  static Shared* const instance = new Shared();
  return *instance;
}

std::string hexadecimal(uint64_t number) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text(16, '0');
  for (size_t digit = 0; digit < 16; ++digit) text[digit] = kDigits[(number >> (60 - 4 * digit)) & 15];
  return text;
}

struct StoredFile {
  fs::path path;
  fs::file_time_type used;
  uint64_t bytes;
};

bool is_draft(const fs::path& path) { return path.extension() == kPackedDraft; }

// The cache's own files; forgets drafts that nobody can be writing any more.
std::vector<StoredFile> list_files(const fs::path& folder) {
  std::vector<StoredFile> files;
  std::error_code failure;
  fs::directory_iterator entry(folder, failure);
  for (; !failure && entry != fs::directory_iterator(); entry.increment(failure)) {
    std::error_code gone;
    const fs::path& path = entry->path();
    const fs::file_time_type used = entry->last_write_time(gone);
    const uint64_t bytes = entry->file_size(gone);
    if (gone) continue;
    if (is_draft(path) && fs::file_time_type::clock::now() - used > kDraftLifetime) fs::remove(path, gone);
    if (path.extension() == kExtension) files.push_back({path, used, bytes});
  }
  return files;
}

}  // namespace

std::shared_ptr<PackedCache> packed_cache() noexcept {
  const std::lock_guard<std::mutex> lock(shared().mutex);
  return shared().cache;
}

void set_packed_cache(std::shared_ptr<PackedCache> cache) noexcept {
  const std::lock_guard<std::mutex> lock(shared().mutex);
  shared().cache.swap(cache);
}

// Two keys of one name are told apart by the key in the file: the later one takes the place.
fs::path PackedCache::place_of(const std::string& key) const {
  const uint64_t first = checksum(key.data(), key.size(), 1);
  const uint64_t second = checksum(key.data(), key.size(), 2);
  return folder_ / (hexadecimal(first) + hexadecimal(second) + kExtension);
}

std::shared_ptr<const PackedMatrix> PackedCache::load(const std::string& key, const Operators& operators,
                                                      Precision precision, Team& team) noexcept {
  std::shared_ptr<const PackedMatrix> matrix;
  try {
    const fs::path place = place_of(key);
    std::error_code ignored;
    switch (read_packed_file(place, key, operators, precision, team, matrix)) {
      case PackedFileState::usable:
        // The time of last use, for `trim`.
        fs::last_write_time(place, fs::file_time_type::clock::now(), ignored);
        break;
      case PackedFileState::damaged:
        fs::remove(place, ignored);
        break;
      case PackedFileState::missing:
        break;
    }
  } catch (...) {
    // No memory for a path: as if it were not there.
  }
  return matrix;
}

void PackedCache::queue(std::string key, std::shared_ptr<const PackedMatrix> matrix) noexcept {
  try {
    const std::lock_guard<std::mutex> lock(mutex_);
    queue_.emplace_back(std::move(key), std::move(matrix));
  } catch (...) {
    // No memory for the list: it is not stored this time.
  }
}

bool PackedCache::store_next() noexcept {
  std::pair<std::string, std::shared_ptr<const PackedMatrix>> next;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (queue_.empty()) return false;
    next = std::move(queue_.back());
    queue_.pop_back();
  }
  try {
    std::error_code failure;
    fs::create_directories(folder_, failure);
    const uint64_t bytes = next.second->bytes();
    const fs::space_info space = fs::space(folder_, failure);
    if (!failure && bytes <= most_bytes_ && space.available >= kLeastFree + bytes) {
      write_packed_file(place_of(next.first), next.first, *next.second);
    }
  } catch (...) {
    // No memory for a path: it is not stored this time.
  }
  return true;
}

void PackedCache::trim() noexcept {
  try {
    std::vector<StoredFile> files = list_files(folder_);
    uint64_t total = 0;
    for (const StoredFile& file : files) total += file.bytes;
    std::sort(files.begin(), files.end(),
              [](const StoredFile& a, const StoredFile& b) { return a.used < b.used; });
    for (const StoredFile& file : files) {
      if (total <= most_bytes_) return;
      std::error_code failure;
      // Who has it mapped keeps it; Windows refuses until then.
      if (fs::remove(file.path, failure)) total -= file.bytes;
    }
  } catch (...) {
    // No memory for the list: the next time will do.
  }
}

}  // namespace weft::ops
