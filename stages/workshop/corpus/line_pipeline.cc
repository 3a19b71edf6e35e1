#include "stages/workshop/corpus/line_pipeline.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace switchyard {
namespace {

constexpr std::size_t kBatchesAThread = 4;

// Batches in flight, in the order of the input. The caller reads and finishes, and works along
// where there is nothing else for it to do.
class Pipeline {
 public:
  explicit Pipeline(std::size_t threads) : window_(threads * kBatchesAThread) {
    for (std::size_t i = 1; i < threads; ++i) workers_.emplace_back([this] { serve(); });
  }
  ~Pipeline() {
    {
      const std::lock_guard lock(mutex_);
      closing_ = true;
    }
    work_there_.notify_all();
    workers_.clear();  // joins
  }
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  void add(std::string text, std::size_t first_line, std::unique_ptr<LineJob> job) {
    {
      const std::lock_guard lock(mutex_);
      items_.push_back(std::make_unique<Item>(std::move(text), first_line, std::move(job)));
    }
    work_there_.notify_one();
    finish_done();
    while (size() >= window_) finish_first();
  }

  void drain() {
    while (size() > 0) finish_first();
  }

 private:
  struct Item {
    Item(std::string text, std::size_t first_line, std::unique_ptr<LineJob> what)
        : batch(std::move(text), first_line), job(std::move(what)) {}

    LineBatch batch;
    std::unique_ptr<LineJob> job;
    bool taken = false;
    bool done = false;
    std::exception_ptr failure;
  };

  // Only the calling thread adds and removes.
  std::size_t size() const { return items_.size(); }

  // The first item that nobody works on; null when there is none. Under the mutex.
  Item* take() {
    for (; next_ < items_.size(); ++next_) {
      if (!items_[next_]->taken) {
        items_[next_]->taken = true;
        return items_[next_++].get();
      }
    }
    return nullptr;
  }

  void run(Item& item) {
    try {
      item.job->work(item.batch);
    } catch (...) {  // thrown again by the caller, in order
      item.failure = std::current_exception();
    }
    {
      const std::lock_guard lock(mutex_);
      item.done = true;
    }
    work_done_.notify_one();
  }

  void serve() {
    std::unique_lock lock(mutex_);
    while (true) {
      Item* item = nullptr;
      work_there_.wait(lock, [&] { return closing_ || (item = take()) != nullptr; });
      if (item == nullptr) return;
      lock.unlock();
      run(*item);
      lock.lock();
    }
  }

  void finish_done() {
    while (true) {
      {
        const std::lock_guard lock(mutex_);
        if (items_.empty() || !items_.front()->done) return;
      }
      finish_first();
    }
  }

  // Waits for the first item, working meanwhile.
  void finish_first() {
    std::unique_ptr<Item> item;
    {
      std::unique_lock lock(mutex_);
      while (!items_.front()->done) {
        if (Item* mine = take()) {
          lock.unlock();
          run(*mine);
          lock.lock();
        } else {
          work_done_.wait(lock, [&] { return items_.front()->done; });
        }
      }
      item = std::move(items_.front());
      items_.pop_front();
      if (next_ > 0) --next_;
    }
    if (item->failure) std::rethrow_exception(item->failure);
    item->job->finish();
  }

  std::mutex mutex_;
  std::condition_variable work_there_, work_done_;
  std::deque<std::unique_ptr<Item>> items_;
  std::size_t next_ = 0;  // items before it are taken
  bool closing_ = false;
  std::size_t window_;
  std::vector<std::jthread> workers_;
};

}  // namespace

void run_line_jobs(const std::string& file, int threads,
                   const std::function<std::unique_ptr<LineJob>()>& make_job) {
  LineInput input(file);
  const std::size_t cores = std::max<std::size_t>(1, std::thread::hardware_concurrency());
  Pipeline pipeline(threads > 0 ? static_cast<std::size_t>(threads) : cores);
  std::string text;
  std::size_t first_line = 0;
  while (true) {
    auto got = input.next(/*wait=*/false, text, first_line);
    if (got == LineInput::Got::kNothingYet) {
      pipeline.drain();
      got = input.next(/*wait=*/true, text, first_line);
    }
    if (got == LineInput::Got::kEnd) break;
    pipeline.add(std::move(text), first_line, make_job());
  }
  pipeline.drain();
}

}  // namespace switchyard
