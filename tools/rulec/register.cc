// Hands the embedded blob to the engine before main.
#include "engine/embedded_rules.h"

extern "C" const std::byte switchyard_rule_blob_begin[];
extern "C" const std::byte switchyard_rule_blob_end[];

namespace {

[[maybe_unused]] const bool registered = [] {
  switchyard::set_embedded_rules({switchyard_rule_blob_begin, switchyard_rule_blob_end});
  return true;
}();

}  // namespace
