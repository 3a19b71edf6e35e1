// The model card: README.md beside the config, YAML between two "---" lines, then Markdown.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace switchyard {

// The value of `key` at the top level of the front matter; nothing when there is no front matter,
// no such key, or when its value is not a plain or quoted scalar on one line. Read by lines: cards
// are written by hand, and one broken line elsewhere must not cost the answer.
std::optional<std::string> front_matter_value(std::string_view card, std::string_view key);

}  // namespace switchyard
