// HTTP exchanges, one at a time: libcurl behind a narrow header. Knows nothing of the Hub.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace switchyard {

struct HttpSettings {
  std::string user_agent;
  long connect_seconds = 10;
  long stall_seconds = 30;  // without a byte
};

struct HttpRequest {
  std::string url;
  bool head = false;
  std::uint64_t from = 0;  // first byte wanted; 0: all, no Range is sent
  std::string bearer;      // token; empty: none is sent
};

// Status line and header fields of an answer.
struct HttpHead {
  int status = 0;        // 0: no answer came
  std::string redirect;  // absolute URL of a 3xx answer; empty: none
  std::vector<std::pair<std::string, std::string>> fields;  // names in lower case

  // The last field of that (lower-case) name, or null.
  const std::string* find(std::string_view name) const;
};

// Takes an answer's body piece by piece. What it throws ends the exchange and passes through.
class HttpBody {
 public:
  virtual ~HttpBody() = default;
  // False ends the exchange (HttpEnd::kStopped).
  virtual bool take(const HttpHead& head, std::span<const std::byte> piece) = 0;
};

enum class HttpEnd {
  kDone,
  kStopped,    // by the body, or by the stop flag
  kCut,        // the connection broke
  kTimeout,    // nobody answered, or nothing more came, in time
  kUnreached,  // no such host, or it takes no connection
  kUntrusted,  // its certificate can't be verified
  kFailed,
};

struct HttpAnswer {
  HttpHead head;  // as far as it came
  HttpEnd end = HttpEnd::kDone;
  std::string why;  // of any end but kDone and kStopped; goes on a host's name: "can't be found"
};

// One connection that is kept between exchanges. Verifies certificates, heeds the proxy variables
// that curl heeds, follows no redirect. Not thread-safe; any number of objects may work at once.
class HttpClient {
 public:
  // `stop` must outlive the client; when it becomes true, a running exchange ends.
  HttpClient(const HttpSettings& settings, const std::atomic<bool>& stop);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  HttpAnswer exchange(const HttpRequest& request, HttpBody& body);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace switchyard
