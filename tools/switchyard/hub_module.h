// Downloading from the Hub needs libcurl, which needs 20 libraries more. So it lives in a module of
// its own, libswitchyard-hub.so, which is opened when a model has to be downloaded.
#pragma once

#include "stages/hub/download.h"

namespace switchyard {

struct HubModule {
  const char* version;  // must be the program's own
  DownloadReport (*download_model)(const RuleBook& rules, const HubRequest& request,
                                   DownloadObserver& observer);
};

// Opens the module on first use. Throws Error(kModel) as open_module. Thread-safe.
const HubModule& hub_module();

// The one symbol the module exports.
using HubModuleFunction = const HubModule* (*)();
inline constexpr const char* kHubModuleSymbol = "switchyard_hub_module";

}  // namespace switchyard
