#include "tools/switchyard/hub_module.h"

#include "tools/switchyard/module.h"

namespace switchyard {
namespace {

constexpr const char* kModuleName = "libswitchyard-hub.so";

const HubModule& open_hub() {
  const auto function =
      reinterpret_cast<HubModuleFunction>(open_module(kModuleName, kHubModuleSymbol));
  require_module_version(kModuleName, function()->version);
  return *function();
}

}  // namespace

const HubModule& hub_module() {
  static const HubModule& module = open_hub();
  return module;
}

}  // namespace switchyard
