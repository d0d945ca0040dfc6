// core/mapped_file.h on Windows.
#if defined(_WIN32)

#include "core/mapped_file.h"

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <vector>

namespace weft {
namespace {

uint64_t both(DWORD high, DWORD low) { return (static_cast<uint64_t>(high) << 32) | low; }

bool identify(HANDLE handle, FileIdentity& identity) {
  BY_HANDLE_FILE_INFORMATION facts;
  if (!GetFileInformationByHandle(handle, &facts)) return false;
  identity.device = facts.dwVolumeSerialNumber;
  identity.file = both(facts.nFileIndexHigh, facts.nFileIndexLow);
  identity.bytes = both(facts.nFileSizeHigh, facts.nFileSizeLow);
  identity.modified = both(facts.ftLastWriteTime.dwHighDateTime, facts.ftLastWriteTime.dwLowDateTime);
  identity.changed = identity.modified;
  return true;
}

const char* reason_of(DWORD code) {
  switch (code) {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
    case ERROR_INVALID_NAME:
      return "it does not exist";
    case ERROR_ACCESS_DENIED:
      return "it must not be read";
    case ERROR_SHARING_VIOLATION:
      return "another program is writing it";
    case ERROR_TOO_MANY_OPEN_FILES:
      return "too many files are open";
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
  const int length = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, path.c_str(), -1, nullptr, 0);
  std::vector<wchar_t> wide(length > 0 ? static_cast<size_t>(length) : 1, L'\0');
  if (length > 0) MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, path.c_str(), -1, wide.data(), length);
  // Without FILE_SHARE_WRITE nobody writes the file while it is open.
  const HANDLE handle = CreateFileW(wide.data(), GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_DELETE, nullptr,
                                    OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, nullptr);
  if (handle == INVALID_HANDLE_VALUE) {
    error = reason_of(GetLastError());
    return Status::bad_file;
  }
  handle_ = reinterpret_cast<intptr_t>(handle);
  if (GetFileType(handle) != FILE_TYPE_DISK || !identify(handle, identity_)) {
    error = "it is no regular file";
    return Status::bad_file;
  }
  if (identity_.bytes == 0) return Status::ok;
  if (identity_.bytes > SIZE_MAX) return Status::out_of_memory;
  const HANDLE mapping = CreateFileMappingW(handle, nullptr, PAGE_READONLY, 0, 0, nullptr);
  if (mapping == nullptr) return Status::out_of_memory;
  // The view keeps the mapping alive.
  data_ = static_cast<const uint8_t*>(MapViewOfFile(mapping, FILE_MAP_READ, 0, 0, 0));
  CloseHandle(mapping);
  return data_ == nullptr ? Status::out_of_memory : Status::ok;
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) UnmapViewOfFile(data_);
  close_handle();
}

void MappedFile::close_handle() noexcept {
  if (handle_ != -1) CloseHandle(reinterpret_cast<HANDLE>(handle_));
  handle_ = -1;
}

void MappedFile::prefetch(size_t offset, size_t bytes) const noexcept {
  if (data_ == nullptr || offset >= size()) return;
  const size_t length = bytes > size() - offset ? size() - offset : bytes;
  WIN32_MEMORY_RANGE_ENTRY range{const_cast<uint8_t*>(data_) + offset, length};
  PrefetchVirtualMemory(GetCurrentProcess(), 1, &range, 0);
}

bool MappedFile::is_unchanged() const noexcept {
  if (handle_ == -1) return true;
  FileIdentity now;
  return identify(reinterpret_cast<HANDLE>(handle_), now) && now.bytes == identity_.bytes &&
         now.modified == identity_.modified;
}

}  // namespace weft

#endif
