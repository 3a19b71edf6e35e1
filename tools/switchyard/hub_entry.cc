#include "tools/switchyard/hub_module.h"
#include "tools/switchyard/version.h"

extern "C" __attribute__((visibility("default"))) const switchyard::HubModule*
switchyard_hub_module() {
  static constexpr switchyard::HubModule kModule = {
      .version = switchyard::kVersion,
      .download_model = switchyard::download_model,
  };
  return &kModule;
}
