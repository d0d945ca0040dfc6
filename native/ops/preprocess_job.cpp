// See ops/preprocess_job.h.
#include "ops/preprocess_job.h"

#include <algorithm>
#include <new>

#include "ops/preprocess_band.h"

namespace weft::ops {
namespace {

// Neighbouring bands compute the rows around their border twice; shorter bands would waste more than they
// share.
constexpr int kShortestBand = 32;

}  // namespace

Status PreprocessJob::create(std::vector<PictureRequest> requests, const dispatch::KernelTable& table,
                             unsigned threads, std::unique_ptr<PreprocessJob>& job) noexcept {
  if (requests.empty()) return Status::invalid_argument;
  for (const PictureRequest& request : requests) {
    const Status status = validate(request);
    if (status != Status::ok) return status;
  }
  try {
    std::unique_ptr<PreprocessJob> created(new PreprocessJob(table));
    for (const PictureRequest& request : requests) {
      created->pictures_.push_back(std::make_unique<Picture>());
      created->pictures_.back()->request = request;
    }
    created->cut(threads);
    job = std::move(created);
    return Status::ok;
  } catch (...) {
    return Status::out_of_memory;
  }
}

// A batch that feeds every thread has a band per picture; a smaller one shares each picture among threads.
void PreprocessJob::cut(unsigned threads) {
  const auto pictures = static_cast<int>(pictures_.size());
  const int wanted = (static_cast<int>(threads) + pictures - 1) / pictures;
  for (size_t index = 0; index < pictures_.size(); ++index) {
    const int rows = pictures_[index]->request.output_rows();
    const int count = std::clamp(rows / kShortestBand, 1, wanted);
    for (int band = 0; band < count; ++band) {
      const auto edge = [&](int64_t number) { return static_cast<int>(number * rows / count); };
      bands_.push_back({index, edge(band), edge(band + 1)});
    }
  }
}

void PreprocessJob::run_task(size_t index) noexcept {
  if (is_cancelled()) {
    fail(Status::cancelled);
    return;
  }
  if (status() != Status::ok) return;
  try {
    const Status status = run(bands_[index]);
    if (status != Status::ok) fail(status);
  } catch (const std::bad_alloc&) {
    fail(Status::out_of_memory);
  } catch (...) {
    fail(Status::internal);
  }
}

Status PreprocessJob::run(const Band& band) {
  Picture& picture = *pictures_[band.picture];
  {
    const std::lock_guard<std::mutex> lock(picture.mutex);
    if (!picture.is_prepared) {
      const Status status = prepare(picture.request, picture.prepared);
      if (status != Status::ok) return status;
      picture.is_prepared = true;
    }
  }
  return run_band(picture.request, picture.prepared, *table_.resample_u8, band.first_row, band.last_row,
                  *this);
}

}  // namespace weft::ops
