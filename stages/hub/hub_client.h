// The Hub's protocol for one model: what files it has, what they are, their bytes. Follows
// redirects (the token stays with the endpoint), tries again where that can help, and turns every
// failure into an Error that names the host, never a URL's query or the token.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "stages/hub/answers.h"
#include "stages/hub/blob_draft.h"
#include "stages/hub/http.h"
#include "stages/hub/patience.h"
#include "stages/hub/policy.h"
#include "stages/hub/settings.h"

namespace switchyard {

struct HubModel {
  std::string id;
  std::string revision;   // branch, tag or commit
  std::string why_asked;  // begins messages: "is not in the local cache (DIR)"
  std::string nearest;    // "Did you mean X?", for ids that the Hub does not know; may be empty
  std::string user_agent;
};

struct FileFacts {
  std::string etag;  // as etag_of() gives it
  std::uint64_t size = 0;
};

// One connection; not thread-safe. Any number of them may work at once.
class HubClient {
 public:
  // What is passed by reference must outlive the client. When `stop` becomes true, what runs
  // throws.
  HubClient(const HubSettings& settings, const HubPolicy& policy, const HubModel& model,
            const std::atomic<bool>& stop);

  // All throw Error(kModel).
  ModelListing listing();
  FileFacts facts(const std::string& commit, const std::string& file);
  // Fills `draft` from where it ends until it has all of `facts.size` bytes and they are what the
  // etag says. `arrived` gets the draft's size as it grows.
  void fetch(const std::string& commit, const std::string& file, const FileFacts& facts,
             BlobDraft& draft, const std::function<void(std::uint64_t)>& arrived);

 private:
  // Sees each redirect on the way; false ends the following there.
  using OnRedirect = std::function<bool(const HttpHead&)>;
  HttpAnswer follow(HttpRequest request, HttpBody& body, const OnRedirect& on_redirect = {});
  std::string file_url(const std::string& commit, const std::string& file) const;
  // Waits for another attempt, or throws what `answer` means.
  void wait_or_fail(Patience& patience, const HttpAnswer& answer, const std::string& file);
  [[noreturn]] void fail(const HttpAnswer& answer, const std::string& file) const;
  [[noreturn]] void fail_file(const std::string& file, const std::string& why,
                              const std::string& mend) const;
  void require_running() const;

  const HubSettings& settings_;
  const HubPolicy& policy_;
  const HubModel& model_;
  const std::atomic<bool>& stop_;
  std::string origin_;
  PatienceLimits limits_;
  HttpClient http_;
};

}  // namespace switchyard
