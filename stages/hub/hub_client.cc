#include "stages/hub/hub_client.h"

#include <algorithm>
#include <ctime>
#include <optional>
#include <string_view>

#include "engine/error.h"
#include "stages/hub/content_check.h"
#include "stages/hub/url.h"

namespace switchyard {
namespace {

constexpr int kMostRedirects = 8;
// So much more of a file makes a cut connection worth another full round of attempts.
constexpr std::uint64_t kProgress = 1 << 20;

bool is_redirect(const HttpHead& head) {
  return head.status >= 300 && head.status < 400 && !head.redirect.empty();
}
bool is_success(const HttpHead& head) { return head.status == 200 || head.status == 206; }

// The server is busy or failed: it may do better a little later.
bool is_passing(int status) {
  return status == 408 || status == 425 || status == 429 || (status >= 500 && status < 600);
}

// Bodies of redirects and errors are read, so that the connection can be used again, up to a limit.
class AnswerBody : public HttpBody {
 public:
  bool take(const HttpHead& head, std::span<const std::byte> piece) final {
    if (is_success(head)) return accept(head, piece);
    constexpr std::size_t kMostIgnored = 64 << 10;
    ignored_ += piece.size();
    return ignored_ <= kMostIgnored;
  }

 protected:
  virtual bool accept(const HttpHead& head, std::span<const std::byte> piece) = 0;

 private:
  std::size_t ignored_ = 0;
};

class NoBody : public AnswerBody {
 protected:
  bool accept(const HttpHead&, std::span<const std::byte>) override { return false; }
};

class TextBody : public AnswerBody {
 public:
  explicit TextBody(std::uint64_t limit) : limit_(limit) {}
  const std::string& text() const { return text_; }
  bool too_long() const { return too_long_; }

 protected:
  bool accept(const HttpHead&, std::span<const std::byte> piece) override {
    too_long_ = text_.size() + piece.size() > limit_;
    if (too_long_) return false;
    text_.append(reinterpret_cast<const char*>(piece.data()), piece.size());
    return true;
  }

 private:
  std::uint64_t limit_;
  std::string text_;
  bool too_long_ = false;
};

class FileBody : public AnswerBody {
 public:
  FileBody(BlobDraft& draft, std::uint64_t size, const std::function<void(std::uint64_t)>& arrived)
      : draft_(draft), size_(size), arrived_(arrived) {}

  // Why the body was refused; empty: it was not.
  const std::string& refused() const { return refused_; }

 protected:
  bool accept(const HttpHead& head, std::span<const std::byte> piece) override {
    if (!begun_ && !begin(head)) return false;
    if (piece.size() > size_ - draft_.size()) {
      refused_ = "it sends more than the " + std::to_string(size_) + " bytes that it announced";
      return false;
    }
    draft_.append(piece);
    arrived_(draft_.size());
    return true;
  }

 private:
  bool begin(const HttpHead& head) {
    begun_ = true;
    if (head.status == 200) {  // all of it, whatever part was asked for
      if (draft_.size() > 0) draft_.restart();
      return true;
    }
    const std::string* const field = head.find("content-range");
    const auto range = field != nullptr ? content_range(*field) : std::nullopt;
    if (range && range->first == draft_.size() && range->total.value_or(size_) == size_)
      return true;
    refused_ = "it sends another part of the file than it was asked for";
    return false;
  }

  BlobDraft& draft_;
  std::uint64_t size_;
  const std::function<void(std::uint64_t)>& arrived_;
  bool begun_ = false;
  std::string refused_;
};

std::optional<double> asked_wait(const HttpAnswer& answer) {
  const std::string* const field = answer.head.find("retry-after");
  return field != nullptr && is_passing(answer.head.status)
             ? retry_after(*field, std::time(nullptr))
             : std::nullopt;
}

std::string status_text(int status) {
  if (status == 429) return "it takes no more requests for now (HTTP 429)";
  if (status >= 500) return "it failed (HTTP " + std::to_string(status) + ")";
  return "it answers with HTTP status " + std::to_string(status);
}

}  // namespace

HubClient::HubClient(const HubSettings& settings, const HubPolicy& policy, const HubModel& model,
                     const std::atomic<bool>& stop)
    : settings_(settings),
      policy_(policy),
      model_(model),
      stop_(stop),
      origin_(origin_of(settings.endpoint)),
      limits_{policy.attempts, policy.first_wait_seconds, policy.longest_wait_seconds},
      http_({model.user_agent, policy.connect_seconds, policy.stall_seconds}, stop) {}

void HubClient::require_running() const {
  if (stop_) throw Error(ErrorKind::kModel, Place{model_.id}, "the download was stopped");
}

std::string HubClient::file_url(const std::string& commit, const std::string& file) const {
  return settings_.endpoint + "/" + model_.id + "/resolve/" + commit + "/" + escape_path(file);
}

void HubClient::fail_file(const std::string& file, const std::string& why,
                          const std::string& mend) const {
  throw Error(ErrorKind::kModel, Place{model_.id},
              file + " can't be downloaded from " + origin_ + ": " + why, mend);
}

void HubClient::fail(const HttpAnswer& answer, const std::string& file) const {
  const int status = answer.head.status;
  const bool broken = answer.end != HttpEnd::kDone && answer.end != HttpEnd::kStopped;
  std::string why = broken ? answer.why : status_text(status);
  std::string mend = broken ? "Check the network, HF_ENDPOINT and the proxy settings, or set "
                              "HF_HUB_OFFLINE=1 to use the local cache only"
                            : "Try again later";
  if (!broken && (status == 401 || status == 403)) {
    const bool known = status == 403 || answer.head.find("x-error-code") == nullptr ||
                       *answer.head.find("x-error-code") != "RepoNotFound";
    why = settings_.token.empty()
              ? "it wants a token (HTTP " + std::to_string(status) +
                    "): the model is private or gated, or there is none of that name"
              : "it refuses the token (HTTP " + std::to_string(status) +
                    "): it gives no access to this model, or there is none of that name";
    if (known) {
      mend =
          "Check the id; accept the model's conditions on its page if it has any, and set "
          "HF_TOKEN to a token that may read it";
    } else {
      mend = "Check the id; for a private model set HF_TOKEN to a token that may read it";
    }
    if (!model_.nearest.empty()) mend = model_.nearest + " " + mend;
  }
  if (!broken && status == 404) {
    const std::string* const code = answer.head.find("x-error-code");
    const bool no_revision = code != nullptr && *code == "RevisionNotFound";
    why = !file.empty() ? "it has no such file (HTTP 404)"
          : no_revision ? "the model has no revision " + model_.revision + " there"
                        : "there is no such model, or no revision " + model_.revision + " of it";
    mend =
        !model_.nearest.empty() && !no_revision ? model_.nearest : "Check the id and the revision";
  }
  if (!file.empty()) fail_file(file, why, mend);
  throw Error(ErrorKind::kModel, Place{model_.id},
              model_.why_asked + ", and can't be downloaded from " + origin_ + ": " + why,
              broken && !model_.nearest.empty() ? model_.nearest + " " + mend : mend);
}

void HubClient::wait_or_fail(Patience& patience, const HttpAnswer& answer,
                             const std::string& file) {
  const auto wait = patience.next_wait(asked_wait(answer));
  if (!wait) fail(answer, file);
  sleep_unless(*wait, stop_);
  require_running();
}

HttpAnswer HubClient::follow(HttpRequest request, HttpBody& body, const OnRedirect& on_redirect) {
  for (int hop = 0; hop <= kMostRedirects; ++hop) {
    const std::string origin = origin_of(request.url);
    request.bearer = origin == origin_ ? settings_.token : std::string();
    HttpAnswer answer = http_.exchange(request, body);
    require_running();
    if (answer.end != HttpEnd::kDone || !is_redirect(answer.head)) return answer;
    if (on_redirect && !on_redirect(answer.head)) return answer;
    const std::string next = origin_of(answer.head.redirect);
    if (next.empty() || (origin.starts_with("https:") && !next.starts_with("https:"))) {
      throw Error(ErrorKind::kModel, Place{model_.id},
                  origin + " redirects to a place that is not safe to follow",
                  "Check HF_ENDPOINT and the proxy settings");
    }
    request.url = answer.head.redirect;
  }
  throw Error(ErrorKind::kModel, Place{model_.id}, origin_ + " redirects without end",
              "Check HF_ENDPOINT and the proxy settings");
}

ModelListing HubClient::listing() {
  Patience patience(limits_);
  const std::string url =
      settings_.endpoint + "/api/models/" + model_.id + "/revision/" + escape_part(model_.revision);
  while (true) {
    TextBody body(policy_.most_listing_bytes);
    const HttpAnswer answer = follow({url}, body);
    if (body.too_long()) {
      throw Error(ErrorKind::kModel, Place{model_.id},
                  "the listing of its files on " + origin_ + " is longer than " +
                      std::to_string(policy_.most_listing_bytes) + " bytes",
                  "Check HF_ENDPOINT");
    }
    const bool answered = answer.end == HttpEnd::kDone || answer.end == HttpEnd::kStopped;
    if (answered && answer.head.status == 200) {
      return model_listing(body.text(), model_.id, origin_, policy_.most_files);
    }
    // A host that can't be reached at all is not asked again: who works offline wants to know now.
    if (answered ? !is_passing(answer.head.status) : answer.end != HttpEnd::kCut) fail(answer, {});
    wait_or_fail(patience, answer, {});
  }
}

FileFacts HubClient::facts(const std::string& commit, const std::string& file) {
  Patience patience(limits_);
  while (true) {
    // The Hub says what a large file is in the answer that redirects to where it lies.
    HttpHead linked;
    const auto on_redirect = [&](const HttpHead& head) {
      for (const char* name : {"x-linked-etag", "x-linked-size", "x-repo-commit"}) {
        if (const std::string* field = head.find(name)) linked.fields.emplace_back(name, *field);
      }
      const bool away = origin_of(head.redirect) != origin_;
      return !(away && linked.find("x-linked-etag") && linked.find("x-linked-size"));
    };
    NoBody body;
    const HttpAnswer answer =
        follow({.url = file_url(commit, file), .head = true}, body, on_redirect);
    if (answer.end == HttpEnd::kDone && (answer.head.status == 200 || is_redirect(answer.head))) {
      const auto field = [&](const char* linked_name, const char* own_name) {
        const std::string* text = answer.head.find(linked_name);
        if (text == nullptr) text = linked.find(linked_name);
        if (text == nullptr && own_name != nullptr) text = answer.head.find(own_name);
        return text;
      };
      const std::string* const etag_field = field("x-linked-etag", "etag");
      const std::string* const size_field = field("x-linked-size", "content-length");
      const std::string* const commit_field = field("x-repo-commit", nullptr);
      const auto etag = etag_field != nullptr ? etag_of(*etag_field) : std::nullopt;
      const auto size = size_field != nullptr ? size_of(*size_field) : std::nullopt;
      const char* const mend = "Check HF_ENDPOINT, and whether a proxy changes the answers";
      if (!etag) fail_file(file, "it sends no ETag that can be used", mend);
      if (!size) fail_file(file, "it does not say how large the file is", mend);
      if (commit_field != nullptr && *commit_field != commit) {
        fail_file(file, "it answers for another commit than was asked for", mend);
      }
      return {*etag, *size};
    }
    if (answer.end == HttpEnd::kDone && !is_passing(answer.head.status)) fail(answer, file);
    if (answer.end == HttpEnd::kUntrusted) fail(answer, file);
    wait_or_fail(patience, answer, file);
  }
}

void HubClient::fetch(const std::string& commit, const std::string& file, const FileFacts& facts,
                      BlobDraft& draft, const std::function<void(std::uint64_t)>& arrived) {
  Patience patience(limits_);
  std::uint64_t best = draft.size();
  while (true) {
    if (draft.size() > facts.size) draft.restart();
    arrived(draft.size());
    std::string trouble;
    std::optional<double> asked;
    if (draft.size() < facts.size) {
      FileBody body(draft, facts.size, arrived);
      const HttpAnswer answer = follow({.url = file_url(commit, file), .from = draft.size()}, body);
      const bool broken = answer.end != HttpEnd::kDone && answer.end != HttpEnd::kStopped;
      if (!body.refused().empty()) {
        trouble = body.refused();
        draft.restart();
      } else if (answer.head.status == 416) {
        trouble = "it has less than the " + std::to_string(facts.size) + " bytes that it announced";
        draft.restart();
      } else if (broken) {
        if (answer.end == HttpEnd::kUntrusted) fail(answer, file);
        trouble = answer.why;
      } else if (is_success(answer.head)) {
        trouble = "it ends after " + std::to_string(draft.size()) + " of " +
                  std::to_string(facts.size) + " bytes";
      } else if (is_passing(answer.head.status)) {
        trouble = status_text(answer.head.status);
        asked = asked_wait(answer);
      } else {
        fail(answer, file);
      }
    }
    if (draft.size() == facts.size) {
      if (content_matches(draft.path(), facts.etag)) return;
      trouble = "what it sends is not what its ETag says";
      draft.restart();
    } else if (draft.size() >= best + kProgress) {
      best = draft.size();
      patience.reset();
    }
    const auto wait = patience.next_wait(asked);
    if (!wait) {
      fail_file(file, trouble,
                draft.size() > 0 ? "Run again: it goes on where it stopped"
                                 : "Try again later, or check HF_ENDPOINT");
    }
    sleep_unless(*wait, stop_);
    require_running();
  }
}

}  // namespace switchyard
