#include "stages/hub/settings.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <string_view>

#include "engine/error.h"
#include "engine/text.h"
#include "stages/checkpoint/hub_cache.h"
#include "stages/hub/url.h"

namespace switchyard {
namespace {

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(trim(value));
}

bool flag(const char* name) {
  const std::string value = variable(name);
  return value == "1" || iequals(value, "on") || iequals(value, "yes") || iequals(value, "true");
}

// A token goes into a header line: a line end in it would begin another header.
std::string checked_token(std::string token, const std::string& from) {
  if (std::all_of(token.begin(), token.end(), [](char c) { return c > 0x20 && c < 0x7f; })) {
    return token;
  }
  throw Error(ErrorKind::kUsage, Place{from},
              "holds blanks, line ends or characters beyond ASCII, so it is no token",
              "Write the token anew, alone and in one line");
}

std::string find_token() {
  if (std::string token = variable("HF_TOKEN"); !token.empty()) {
    return checked_token(std::move(token), "HF_TOKEN");
  }
  std::filesystem::path file = variable("HF_TOKEN_PATH");
  if (file.empty()) {
    const auto home = hub_home();
    if (!home) return {};
    file = *home / "token";
  }
  // A token file that isn't there or may not be read is none: most models need no token.
  constexpr std::size_t kLongest = 4096;
  std::string text(kLongest, '\0');
  std::ifstream stream(file, std::ios::binary);
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(stream.gcount(), 0)));
  return checked_token(std::string(trim(text)), file.string());
}

}  // namespace

HubSettings hub_settings(const std::string& default_endpoint) {
  HubSettings settings;
  const std::string given = variable("HF_ENDPOINT");
  settings.endpoint = given.empty() ? default_endpoint : given;
  while (settings.endpoint.ends_with('/')) settings.endpoint.pop_back();
  if (origin_of(settings.endpoint).empty()) {
    throw Error(ErrorKind::kUsage, Place{given.empty() ? "endpoint" : "HF_ENDPOINT"},
                "is no URL of a server: it must begin with http:// or https://",
                "Correct it, or unset it to use " + default_endpoint);
  }
  settings.offline = flag("HF_HUB_OFFLINE") || flag("TRANSFORMERS_OFFLINE");
  if (!flag("HF_HUB_DISABLE_IMPLICIT_TOKEN")) settings.token = find_token();
  return settings;
}

}  // namespace switchyard
