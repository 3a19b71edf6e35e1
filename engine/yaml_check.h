// Strict reading of YAML maps: what every parser of rule files asks of its nodes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/faults.h"
#include "engine/yaml.h"

namespace switchyard {

// Each throws Error(kUsage) at the node when it is not what is asked. `what` names the node in the
// message: "`rules`", "an entry of `rules`".
void require_map(const YamlNode& node, std::string_view what);
void require_list(const YamlNode& node, std::string_view what);
// A non-empty string.
const std::string& require_text(const YamlNode& node, std::string_view what);
bool require_bool(const YamlNode& node, std::string_view what);
std::int64_t require_integer(const YamlNode& node, std::string_view what);
double require_number(const YamlNode& node, std::string_view what);

// Throws at the first key that is not in `known`, suggesting the nearest; or collects them all.
void require_known_keys(const YamlNode& map, const std::vector<std::string>& known,
                        std::string_view what, Faults* faults = nullptr);

}  // namespace switchyard
