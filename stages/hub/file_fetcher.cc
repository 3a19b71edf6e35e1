#include "stages/hub/file_fetcher.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>

#include "engine/error.h"
#include "stages/hub/blob_draft.h"
#include "stages/hub/file_lock.h"

namespace switchyard {
namespace {

// Workers that are stopped and waited for, whatever ends the scope.
class Workers {
 public:
  explicit Workers(std::atomic<bool>& stop) : stop_(stop) {}
  ~Workers() {
    stop_ = true;
    for (std::thread& thread : threads_) thread.join();
  }
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  template <typename Work>
  void start(Work work) {
    threads_.emplace_back(std::move(work));
  }

 private:
  std::atomic<bool>& stop_;
  std::vector<std::thread> threads_;
};

}  // namespace

FileFetcher::FileFetcher(const HubSettings& settings, const HubPolicy& policy,
                         const HubModel& model, const CacheEntry& entry, DownloadObserver& observer)
    : settings_(settings), policy_(policy), model_(model), entry_(entry), observer_(observer) {}

std::vector<std::string> FileFetcher::fetch(const std::string& commit,
                                            const std::vector<std::string>& files,
                                            std::uint64_t most_bytes) {
  constexpr auto kBetweenReports = std::chrono::milliseconds(100);
  std::vector<std::string> etags(files.size());
  files_ += files.size();
  std::atomic<bool> stop{false};
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::condition_variable changed;
  std::exception_ptr failure;
  std::size_t running = std::min(policy_.files_at_once, files.size());
  {
    Workers workers(stop);
    const auto work = [&] {
      std::exception_ptr thrown;
      try {
        HubClient client(settings_, policy_, model_, stop);
        for (std::size_t i = next++; i < files.size() && !stop; i = next++) {
          etags[i] = fetch_one(client, commit, files[i], most_bytes, stop);
          ++files_done_;
        }
      } catch (...) {
        thrown = std::current_exception();
      }
      const std::lock_guard lock(mutex);
      if (thrown && !failure) {  // later ones are only stopped by this one
        failure = thrown;
        stop = true;
      }
      --running;
      changed.notify_one();
    };
    for (std::size_t i = running; i > 0; --i) workers.start(work);
    std::unique_lock lock(mutex);
    while (running > 0) {
      changed.wait_for(lock, kBetweenReports);
      lock.unlock();
      report();
      lock.lock();
    }
  }
  if (failure) std::rethrow_exception(failure);
  return etags;
}

std::string FileFetcher::fetch_one(HubClient& client, const std::string& commit,
                                   const std::string& file, std::uint64_t most_bytes,
                                   const std::atomic<bool>& stop) {
  const FileFacts facts = client.facts(commit, file);
  if (facts.size > most_bytes) {
    throw Error(ErrorKind::kModel, Place{model_.id},
                file + " has " + std::to_string(facts.size) +
                    " bytes, more than such a file may have (" + std::to_string(most_bytes) + ")",
                "Check the model, or raise most_small_file_bytes in hub_download with --rules");
  }
  bytes_ += facts.size;
  const auto take_cached = [&] {
    if (!entry_.has_blob(facts.etag, facts.size)) return false;
    bytes_done_ += facts.size;
    return true;
  };
  if (take_cached()) return facts.etag;
  bool waited = false;
  const FileLock lock(entry_.lock(facts.etag), stop, [&] {
    waited = true;
    ++waiting_;
  });
  if (waited) --waiting_;
  if (take_cached()) return facts.etag;  // by the program that held the lock

  BlobDraft draft(entry_.blob(facts.etag));
  draft.require_room(facts.size);
  std::uint64_t counted = draft.size();
  bytes_done_ += counted;
  client.fetch(commit, file, facts, draft, [&](std::uint64_t size) {
    bytes_done_ += size - counted;  // wraps back when the draft was restarted
    if (size > counted) bytes_fetched_ += size - counted;
    counted = size;
  });
  draft.publish();
  return facts.etag;
}

void FileFetcher::report() {
  observer_.progress({.files = files_,
                      .files_done = files_done_,
                      .bytes = bytes_,
                      .bytes_done = bytes_done_,
                      .waiting = waiting_ > 0});
}

}  // namespace switchyard
