#include "stages/hub/download.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "engine/error.h"
#include "engine/text.h"
#include "stages/checkpoint/checkpoint.h"
#include "stages/checkpoint/hub_cache.h"
#include "stages/checkpoint/weight_names.h"
#include "stages/hub/file_fetcher.h"

namespace switchyard {
namespace {

constexpr const char* kMainRevision = "main";

// Of the files a policy names, those that the model has, in its order.
std::vector<std::string> present(const ModelListing& listing,
                                 const std::vector<std::string>& names) {
  std::vector<std::string> found;
  std::copy_if(names.begin(), names.end(), std::back_inserter(found),
               [&](const std::string& name) { return listing.has(name); });
  return found;
}

class Download {
 public:
  Download(const RuleBook& rules, const HubRequest& request, const HubPolicy& policy,
           const HubSettings& settings, const HubModel& model, DownloadObserver& observer)
      : rules_(rules),
        request_(request),
        policy_(policy),
        revision_(model.revision),
        entry_(request.cache, request.id),
        fetcher_(settings, policy, model, entry_, observer) {}

  DownloadReport run(const ModelListing& listing) {
    commit_ = listing.commit;
    fetch_configuration(listing);
    entry_.set_ref(revision_, commit_);
    if (request_.scope == HubScope::kModel) fetch_weights(listing);
    return {.snapshot = entry_.snapshot(commit_),
            .commit = commit_,
            .files = files_,
            .bytes_fetched = fetcher_.bytes_fetched()};
  }

 private:
  void link(const std::vector<std::string>& files, const std::vector<std::string>& etags) {
    // The first file stands for all: it comes last.
    for (std::size_t i = files.size(); i-- > 0;) entry_.link(commit_, files[i], etags[i]);
    files_ += files.size();
  }

  void fetch_configuration(const ModelListing& listing) {
    std::vector<std::string> files = present(listing, policy_.configuration);
    if (request_.scope == HubScope::kModel) {
      const auto carried = present(listing, policy_.carried);
      files.insert(files.end(), carried.begin(), carried.end());
    }
    link(files, fetcher_.fetch(commit_, files, policy_.most_small_file_bytes));
  }

  void fetch_weights(const ModelListing& listing) {
    for (const WeightNames& format : weight_names(rules_, request_.variant)) {
      if (listing.has(format.single)) {
        link({format.single}, fetcher_.fetch(commit_, {format.single}));
        return;
      }
      if (listing.has(format.index)) {
        fetch_shards(listing, format.index);
        return;
      }
    }
    std::vector<std::string> names;
    for (const WeightNames& format : weight_names(rules_, request_.variant)) {
      names.push_back(format.single);
    }
    throw Error(ErrorKind::kModel, Place{request_.id},
                "has no weights of its own on the Hub in a form that can be read (" +
                    join_names(names, " or ") + ")",
                request_.variant ? "Leave the variant out, or name one that the model has"
                                 : "Convert its weights to safetensors first");
  }

  void fetch_shards(const ModelListing& listing, const std::string& index) {
    const auto index_etags = fetcher_.fetch(commit_, {index}, policy_.most_small_file_bytes);
    const std::vector<std::string> shards = shards_of_index(entry_.blob(index_etags.front()));
    for (const std::string& shard : shards) {
      if (listing.has(shard)) continue;
      throw Error(ErrorKind::kModel, Place{request_.id},
                  index + " names the file " + shard + ", which the model does not have",
                  "Ask the model's owner to upload it");
    }
    link(shards, fetcher_.fetch(commit_, shards));
    link({index}, index_etags);
  }

  const RuleBook& rules_;
  const HubRequest& request_;
  const HubPolicy& policy_;
  const std::string& revision_;
  CacheEntry entry_;
  FileFetcher fetcher_;
  std::string commit_;
  std::size_t files_ = 0;
};

}  // namespace

DownloadReport download_model(const RuleBook& rules, const HubRequest& request,
                              DownloadObserver& observer) {
  const auto begin = std::chrono::steady_clock::now();
  const HubPolicy policy = hub_policy(rules);
  const HubSettings settings = hub_settings(policy.endpoint);
  if (settings.offline) {
    throw Error(ErrorKind::kModel, Place{request.id},
                request.why + ", and HF_HUB_OFFLINE forbids to download it",
                request.nearest.empty() ? "Unset HF_HUB_OFFLINE, or download it first, for example "
                                          "with `hf download " +
                                              request.id + "`"
                                        : request.nearest);
  }
  if (request.revision && !is_hub_revision(*request.revision)) {
    throw Error(ErrorKind::kUsage, Place{request.id},
                "'" + *request.revision + "' can't be a revision",
                "Give a branch, a tag or a commit hash with --revision");
  }
  const HubModel model{request.id, request.revision.value_or(kMainRevision), request.why,
                       request.nearest, request.user_agent};
  const std::atomic<bool> never{false};
  // Asked first: a mistyped name must leave nothing in the cache.
  const ModelListing listing = HubClient(settings, policy, model, never).listing();
  if (!listing.has(policy.configuration.front())) refuse_without_config(request.id, listing.files);
  DownloadReport report = Download(rules, request, policy, settings, model, observer).run(listing);
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return report;
}

}  // namespace switchyard
