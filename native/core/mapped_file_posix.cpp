// core/mapped_file.h on POSIX systems.
#if !defined(_WIN32)

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "core/mapped_file.h"

namespace weft {
namespace {

#if defined(__APPLE__)
const timespec& modified_at(const struct stat& facts) { return facts.st_mtimespec; }
const timespec& changed_at(const struct stat& facts) { return facts.st_ctimespec; }
#else
const timespec& modified_at(const struct stat& facts) { return facts.st_mtim; }
const timespec& changed_at(const struct stat& facts) { return facts.st_ctim; }
#endif

uint64_t nanoseconds(const timespec& time) {
  return static_cast<uint64_t>(time.tv_sec) * 1000000000u + static_cast<uint64_t>(time.tv_nsec);
}

FileIdentity identity_of(const struct stat& facts) {
  return {static_cast<uint64_t>(facts.st_dev), static_cast<uint64_t>(facts.st_ino),
          static_cast<uint64_t>(facts.st_size), nanoseconds(modified_at(facts)),
          nanoseconds(changed_at(facts))};
}

const char* reason_of(int code) {
  switch (code) {
    case ENOENT:
    case ENOTDIR:
      return "it does not exist";
    case EACCES:
    case EPERM:
      return "it must not be read";
    case EMFILE:
    case ENFILE:
      return "too many files are open";
    case ELOOP:
      return "its links lead in a circle";
    case ENAMETOOLONG:
      return "its name is too long";
    default:
      return "the system cannot open it";
  }
}

}  // namespace

Status MappedFile::map(const std::string& path, std::string& error) {
  if (path.find('\0') != std::string::npos) {
    error = "its name holds a zero character";
    return Status::bad_file;
  }
  // O_NONBLOCK: opening a named pipe would wait for a writer.
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) {
    error = reason_of(errno);
    return Status::bad_file;
  }
  handle_ = descriptor;
  struct stat facts;
  if (::fstat(descriptor, &facts) != 0 || !S_ISREG(facts.st_mode)) {
    error = "it is no regular file";
    return Status::bad_file;
  }
  identity_ = identity_of(facts);
  if (identity_.bytes == 0) return Status::ok;
  if (identity_.bytes > SIZE_MAX) return Status::out_of_memory;
  void* mapped = ::mmap(nullptr, size(), PROT_READ, MAP_PRIVATE, descriptor, 0);
  if (mapped == MAP_FAILED) {
    if (errno == ENOMEM) return Status::out_of_memory;
    error = "the system cannot map it into memory";
    return Status::bad_file;
  }
  data_ = static_cast<const uint8_t*>(mapped);
  return Status::ok;
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<uint8_t*>(data_), size());
  close_handle();
}

void MappedFile::close_handle() noexcept {
  if (handle_ != -1) ::close(static_cast<int>(handle_));
  handle_ = -1;
}

void MappedFile::prefetch(size_t offset, size_t bytes) const noexcept {
  if (data_ == nullptr || offset >= size()) return;
  const auto page = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
  const size_t start = offset / page * page;
  const size_t end = bytes > size() - offset ? size() : offset + bytes;
  ::madvise(const_cast<uint8_t*>(data_) + start, end - start, MADV_WILLNEED);
}

bool MappedFile::is_unchanged() const noexcept {
  if (handle_ == -1) return true;
  struct stat facts;
  if (::fstat(static_cast<int>(handle_), &facts) != 0) return false;
  const FileIdentity now = identity_of(facts);
  return now.bytes == identity_.bytes && now.modified == identity_.modified;
}

}  // namespace weft

#endif
