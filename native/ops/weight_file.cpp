// See ops/weight_file.h.
#include "ops/weight_file.h"

#include <mutex>
#include <new>
#include <utility>
#include <vector>

namespace weft::ops {
namespace {

// The files in use, for the whole process: few, so a list will do.
struct OpenFiles {
  std::mutex mutex;
  std::vector<std::pair<FileIdentity, std::weak_ptr<const WeightFile>>> entries;
};

OpenFiles& open_files() {
  // Never destroyed: files of static life may be released after main.
  static OpenFiles* const instance = new OpenFiles();
  return *instance;
}

// The file in use that has this identity; forgets those that nobody uses. Call it under the lock.
std::shared_ptr<const WeightFile> find_open(OpenFiles& files, const FileIdentity& identity) {
  std::erase_if(files.entries, [](const auto& entry) { return entry.second.expired(); });
  for (const auto& [known, file] : files.entries) {
    if (known == identity) return file.lock();
  }
  return nullptr;
}

}  // namespace

Status WeightFile::open(const std::string& path, std::shared_ptr<const WeightFile>& file,
                        std::string& error) noexcept {
  try {
    std::shared_ptr<const MappedFile> map;
    Status status = MappedFile::open(path, map, error);
    if (status != Status::ok) return status;
    const FileIdentity identity = map->identity();
    {
      const std::lock_guard<std::mutex> lock(open_files().mutex);
      if (auto known = find_open(open_files(), identity)) {
        file = std::move(known);
        return Status::ok;
      }
    }
    std::shared_ptr<WeightFile> opened(new WeightFile());
    opened->map_ = std::move(map);
    status = parse_safetensors_header(opened->map_->data(), opened->map_->size(), opened->map_->size(),
                                      opened->header_, error);
    if (status != Status::ok) return status;
    const std::lock_guard<std::mutex> lock(open_files().mutex);
    // Another thread may have opened it meanwhile.
    file = find_open(open_files(), identity);
    if (file != nullptr) return Status::ok;
    open_files().entries.emplace_back(identity, opened);
    file = std::move(opened);
    return Status::ok;
  } catch (const std::bad_alloc&) {
    return Status::out_of_memory;
  }
}

std::string WeightFile::content_hash() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return content_hash_;
}

void WeightFile::set_content_hash(std::string hash) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  content_hash_.swap(hash);
}

bool weight_dtype(StoredType type, DType& dtype) noexcept {
  switch (type) {
    case StoredType::f32:
      dtype = DType::f32;
      return true;
    case StoredType::f16:
      dtype = DType::f16;
      return true;
    case StoredType::bf16:
      dtype = DType::bf16;
      return true;
    default:
      return false;
  }
}

}  // namespace weft::ops
