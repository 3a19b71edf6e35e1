#include "engine/embedded_rules.h"

namespace switchyard {

namespace {

std::span<const std::byte> embedded;  // constant-initialized: safe to set from any static

}  // namespace

void set_embedded_rules(std::span<const std::byte> blob) { embedded = blob; }
std::span<const std::byte> embedded_rules() { return embedded; }

}  // namespace switchyard
