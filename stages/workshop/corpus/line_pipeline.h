// Lines worked on by all cores, their results taken in the order of the input, in bounded memory.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "stages/workshop/corpus/line_input.h"

namespace switchyard {

// What is done with one batch of lines.
class LineJob {
 public:
  virtual ~LineJob() = default;
  // On any thread; jobs of other batches run at the same time.
  virtual void work(const LineBatch& batch) = 0;
  // On the calling thread, in the order of the input, after work() returned.
  virtual void finish() = 0;
};

// Makes a job for every batch of the file ("-": standard input) and runs them on `threads` threads,
// the caller's included (0: one a core). As soon as the input makes it wait, everything read so far
// is worked off and finished. At most a few batches a thread are in memory at a time. What a job
// throws is thrown here, after the jobs that run have ended; jobs behind it are not finished.
// Throws Error(kModel) as LineInput does.
void run_line_jobs(const std::string& file, int threads,
                   const std::function<std::unique_ptr<LineJob>()>& make_job);

}  // namespace switchyard
