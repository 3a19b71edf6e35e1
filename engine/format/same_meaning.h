// The check that formatting changed nothing but the layout.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/format/source_tree.h"
#include "engine/yaml.h"

namespace switchyard::format {

// Whether the text holds the same values, spelled the same, and the same comments. The order of a
// map's keys may differ. Throws Error for a text that is no YAML.
bool same_meaning(const YamlNode& before, const std::vector<Comment>& comments_before,
                  std::string_view after, const std::string& file);

}  // namespace switchyard::format
