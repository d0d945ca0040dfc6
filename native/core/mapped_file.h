// A whole file as read-only memory, without copying it. Must not know what the file holds.
//
// Reading a page beyond the end of a file that another program has cut raises SIGBUS on POSIX, which nothing
// here can turn into an error. Bounded as follows: the size is that of the opened descriptor, so a file that
// is replaced (renamed over, as downloads are) keeps its old content for us; readers ask `is_unchanged`
// before each piece of work on pages, so that a file cut earlier is an error; what remains is a file cut in
// place during a read. Files of the hub's cache are never written in place. Windows refuses to cut a mapped
// file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "core/status.h"

namespace weft {

// Tells one state of one file from every other without reading it.
struct FileIdentity {
  uint64_t device = 0;
  uint64_t file = 0;
  uint64_t bytes = 0;
  // In the units of the system since its own epoch: only for comparing.
  uint64_t modified = 0;
  uint64_t changed = 0;

  bool operator==(const FileIdentity&) const = default;
};

class MappedFile {
 public:
  // `path` is UTF-8. Regular files only; an empty one has no data. Without `watch` no descriptor stays open:
  // for files that only we write, and those never in place. bad_file (then `error` is a clause about the
  // file, such as "it does not exist"), out_of_memory.
  static Status open(const std::string& path, std::shared_ptr<const MappedFile>& file, std::string& error,
                     bool watch = true) noexcept;

  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  // Aligned to a page; null when the file is empty.
  const uint8_t* data() const noexcept { return data_; }
  size_t size() const noexcept { return static_cast<size_t>(identity_.bytes); }
  const FileIdentity& identity() const noexcept { return identity_; }

  // Asks the system to read these bytes from the disk, which it does in long runs, instead of page by page as
  // they are touched. Returns at once; a hint only.
  void prefetch(size_t offset, size_t bytes) const noexcept;

  // False once the size or the modification time differs from what was opened; true when not watched.
  bool is_unchanged() const noexcept;

 private:
  MappedFile() = default;
  Status map(const std::string& path, std::string& error);
  void close_handle() noexcept;

  const uint8_t* data_ = nullptr;
  FileIdentity identity_;
  // A file descriptor, or a HANDLE of Windows; -1 is none.
  intptr_t handle_ = -1;
};

}  // namespace weft
