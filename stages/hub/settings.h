// What the environment says about the Hub.
#pragma once

#include <filesystem>
#include <string>

namespace switchyard {

struct HubSettings {
  std::string endpoint;  // "https://host[:port][/path]", without a slash at the end
  std::string token;     // empty: none. Never to be printed, and sent to the endpoint only
  bool offline = false;
};

// HF_ENDPOINT (else `default_endpoint`); HF_TOKEN, else the file HF_TOKEN_PATH, else the file token
// in hub_home(), unless HF_HUB_DISABLE_IMPLICIT_TOKEN; HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE.
// Flags are set by 1, ON, YES and TRUE in any letter case.
// Throws Error(kUsage): an endpoint that is no http(s) URL, a token with characters that none has.
HubSettings hub_settings(const std::string& default_endpoint);

}  // namespace switchyard
