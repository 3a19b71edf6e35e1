// What the stages themselves read from the rules, beyond the decisions that a build configuration
// records: the recipe and its blocks, the rules that fit a checkpoint's names, the defaults of
// image processors.
#pragma once

#include <optional>
#include <string>

#include "engine/rule_book.h"
#include "engine/value.h"

namespace switchyard {

// {"recipe NAME": SHA-256, "decision weights": SHA-256, ...}: equal digests mean equal content.
// `recipe` may be empty. Throws Error(kUsage) for a recipe that is no YAML.
Map rules_read(const RuleBook& rules, const std::optional<std::string>& recipe);

}  // namespace switchyard
