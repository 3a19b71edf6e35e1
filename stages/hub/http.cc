#include "stages/hub/http.h"

#include <curl/curl.h>

#include <exception>
#include <new>

#include "engine/text.h"

namespace switchyard {
namespace {

constexpr std::size_t kMostFields = 256;
constexpr std::size_t kMostHeadBytes = 256 << 10;

struct HeaderList {
  curl_slist* list = nullptr;
  ~HeaderList() { curl_slist_free_all(list); }
  void add(const std::string& line) {
    curl_slist* const longer = curl_slist_append(list, line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    list = longer;
  }
};

// Once in a process, before any thread uses curl.
void start_curl() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (started != CURLE_OK) throw std::bad_alloc();
}

// One exchange as curl's callbacks see it.
struct Exchange {
  CURL* curl;
  HttpBody& body;
  const std::atomic<bool>& stop;
  HttpAnswer answer = {};
  std::size_t head_bytes = 0;
  bool too_much = false;
  std::exception_ptr thrown = nullptr;
};

void set_status(Exchange& exchange) {
  long status = 0;
  curl_easy_getinfo(exchange.curl, CURLINFO_RESPONSE_CODE, &status);
  exchange.answer.head.status = static_cast<int>(status);
}

std::size_t on_header(char* data, std::size_t, std::size_t size, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  HttpHead& head = exchange.answer.head;
  const std::string_view line(data, size);
  exchange.head_bytes += size;
  if (exchange.head_bytes > kMostHeadBytes || head.fields.size() >= kMostFields) {
    exchange.too_much = true;
    return 0;
  }
  try {
    if (line.starts_with(
            "HTTP/")) {  // "100 Continue" and a proxy's answer come before the real one
      head.fields.clear();
    } else if (const auto colon = line.find(':'); colon != line.npos) {
      std::string name(trim(line.substr(0, colon)));
      for (char& c : name) c = lower_char(c);
      head.fields.emplace_back(std::move(name), trim(line.substr(colon + 1)));
    }
  } catch (...) {
    exchange.thrown = std::current_exception();
    return 0;
  }
  return size;
}

std::size_t on_body(char* data, std::size_t, std::size_t size, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  try {
    if (exchange.answer.head.status == 0) set_status(exchange);
    if (exchange.stop) return 0;
    const auto piece = std::as_bytes(std::span(data, size));
    return exchange.body.take(exchange.answer.head, piece) ? size : 0;
  } catch (...) {
    exchange.thrown = std::current_exception();
    return 0;
  }
}

int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Exchange*>(user)->stop ? 1 : 0;
}

struct Ending {
  HttpEnd end;
  const char* why;
};

Ending ending_of(CURLcode code) {
  switch (code) {
    case CURLE_OK:
      return {HttpEnd::kDone, ""};
    case CURLE_WRITE_ERROR:
    case CURLE_ABORTED_BY_CALLBACK:
      return {HttpEnd::kStopped, ""};
    case CURLE_COULDNT_RESOLVE_HOST:
      return {HttpEnd::kUnreached, "its name can't be resolved"};
    case CURLE_COULDNT_RESOLVE_PROXY:
      return {HttpEnd::kUnreached, "the name of the proxy before it can't be resolved"};
    case CURLE_COULDNT_CONNECT:
      return {HttpEnd::kUnreached, "it takes no connection"};
    case CURLE_OPERATION_TIMEDOUT:
      return {HttpEnd::kTimeout, "it does not answer in time"};
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
      return {HttpEnd::kUntrusted, "its certificate can't be verified"};
    case CURLE_SSL_CONNECT_ERROR:
      return {HttpEnd::kFailed, "no secure connection can be made"};
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return {HttpEnd::kCut, "the connection was cut"};
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return {HttpEnd::kFailed, "what it says is not HTTP"};
    default:
      return {HttpEnd::kFailed, "the transfer failed"};
  }
}

}  // namespace

const std::string* HttpHead::find(std::string_view name) const {
  for (auto field = fields.rbegin(); field != fields.rend(); ++field) {
    if (field->first == name) return &field->second;
  }
  return nullptr;
}

struct HttpClient::Impl {
  HttpSettings settings;
  const std::atomic<bool>& stop;
  CURL* curl;
};

HttpClient::HttpClient(const HttpSettings& settings, const std::atomic<bool>& stop) {
  start_curl();
  CURL* const curl = curl_easy_init();
  if (curl == nullptr) throw std::bad_alloc();
  impl_.reset(new Impl{settings, stop, curl});
}

HttpClient::~HttpClient() { curl_easy_cleanup(impl_->curl); }

HttpAnswer HttpClient::exchange(const HttpRequest& request, HttpBody& body) {
  CURL* const curl = impl_->curl;
  curl_easy_reset(curl);  // keeps the connection
  Exchange exchange{curl, body, impl_->stop};
  HeaderList headers;
  headers.add("Accept-Encoding: identity");  // sizes and ranges are those of the file itself
  if (!request.bearer.empty()) headers.add("Authorization: Bearer " + request.bearer);
  if (request.from > 0) headers.add("Range: bytes=" + std::to_string(request.from) + "-");

  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_NOBODY, request.head ? 1L : 0L);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.list);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, impl_->settings.user_agent.c_str());
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);  // threads
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, impl_->settings.connect_seconds);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, impl_->settings.stall_seconds);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &exchange);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &exchange);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &exchange);

  const CURLcode code = curl_easy_perform(curl);
  if (exchange.thrown) std::rethrow_exception(exchange.thrown);
  set_status(exchange);
  const Ending ending =
      exchange.too_much ? Ending{HttpEnd::kFailed, "it sends too many headers"} : ending_of(code);
  exchange.answer.end = ending.end;
  exchange.answer.why = ending.why;
  char* redirect = nullptr;
  curl_easy_getinfo(curl, CURLINFO_REDIRECT_URL, &redirect);
  if (redirect != nullptr) exchange.answer.head.redirect = redirect;
  return std::move(exchange.answer);
}

}  // namespace switchyard
