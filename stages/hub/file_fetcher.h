// Files of one model at one commit, fetched into the blobs of its cache entry, several at once.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "stages/hub/cache_entry.h"
#include "stages/hub/download.h"
#include "stages/hub/hub_client.h"

namespace switchyard {

class FileFetcher {
 public:
  // What is passed by reference must outlive the fetcher.
  FileFetcher(const HubSettings& settings, const HubPolicy& policy, const HubModel& model,
              const CacheEntry& entry, DownloadObserver& observer);

  // The etags of `files`, in their order; all blobs are there. Throws the first Error of any file
  // (kModel; also for one larger than `most_bytes`); the others are stopped and keep their drafts.
  std::vector<std::string> fetch(
      const std::string& commit, const std::vector<std::string>& files,
      std::uint64_t most_bytes = std::numeric_limits<std::uint64_t>::max());

  std::uint64_t bytes_fetched() const { return bytes_fetched_; }

 private:
  std::string fetch_one(HubClient& client, const std::string& commit, const std::string& file,
                        std::uint64_t most_bytes, const std::atomic<bool>& stop);
  void report();

  const HubSettings& settings_;
  const HubPolicy& policy_;
  const HubModel& model_;
  const CacheEntry& entry_;
  DownloadObserver& observer_;
  std::atomic<std::size_t> files_{0};
  std::atomic<std::size_t> files_done_{0};
  std::atomic<std::uint64_t> bytes_{0};
  std::atomic<std::uint64_t> bytes_done_{0};
  std::atomic<std::uint64_t> bytes_fetched_{0};
  std::atomic<int> waiting_{0};
};

}  // namespace switchyard
