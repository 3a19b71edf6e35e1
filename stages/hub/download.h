// A model of the Hub, downloaded into the local Hugging Face cache.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "engine/rule_book.h"

namespace switchyard {

// How much of a model is wanted.
enum class HubScope {
  kConfiguration,  // what deciding reads
  kModel,          // that, the files that travel with the model, and its weights
};

struct HubRequest {
  std::string id;                       // is_hub_id
  std::optional<std::string> revision;  // branch, tag or commit; nothing: main
  std::optional<std::string> variant;   // of the weights: "fp16"; nothing: the plain ones
  HubScope scope = HubScope::kModel;
  std::filesystem::path cache;  // hub_cache_directory(); made where it is not there
  std::string why;              // begins messages, after the id: "is not in the local cache (DIR)"
  std::string nearest;  // "Did you mean X?", should the Hub know no such model; may be empty
  std::string user_agent;
};

struct DownloadProgress {
  std::size_t files = 0;  // asked for
  std::size_t files_done = 0;
  std::uint64_t bytes = 0;       // of the files whose size is known by now
  std::uint64_t bytes_done = 0;  // of them here, earlier downloads included
  bool waiting = false;          // for another program that downloads the same file
};

// Called on the thread that downloads, a few times a second.
class DownloadObserver {
 public:
  virtual ~DownloadObserver() = default;
  virtual void progress(const DownloadProgress& progress) = 0;
};

struct DownloadReport {
  std::filesystem::path snapshot;
  std::string commit;
  std::size_t files = 0;            // of the scope, now in the snapshot
  std::uint64_t bytes_fetched = 0;  // by this call
  double seconds = 0;
};

// Fetches what the cache lacks, several files at once, goes on where an earlier download was cut,
// and verifies sizes and content. The files appear in the snapshot when all of their kind are there
// (configuration, then weights), the one that stands for them last: a snapshot that has its
// config.json has the whole configuration. Any number of programs may do this at once.
//
// Throws Error(kUsage): a policy (rules/hub.yaml) or a variable (settings.h) that can't be used, a
// revision that can't be one. Error(kModel): HF_HUB_OFFLINE, the Hub can't be reached or refuses,
// no config.json, no weights, the disk is full or may not be written, and what the Hub sends is
// wrong.
DownloadReport download_model(const RuleBook& rules, const HubRequest& request,
                              DownloadObserver& observer);

}  // namespace switchyard
