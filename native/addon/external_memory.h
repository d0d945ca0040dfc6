// Memory behind a handle, told to V8: without it V8 would see a small object and not hurry to collect it.
// JavaScript thread only.
#pragma once

#include <napi.h>

#include <cstddef>

namespace weft::addon {

class ExternalMemory {
 public:
  ExternalMemory(napi_env env, size_t bytes) : env_(env), bytes_(static_cast<int64_t>(bytes)) {
    adjust(bytes_);
  }
  ~ExternalMemory() { adjust(-bytes_); }
  ExternalMemory(const ExternalMemory&) = delete;
  ExternalMemory& operator=(const ExternalMemory&) = delete;

 private:
  void adjust(int64_t change) {
    int64_t total = 0;
    napi_adjust_external_memory(env_, change, &total);
  }

  napi_env env_;
  int64_t bytes_;
};

}  // namespace weft::addon
