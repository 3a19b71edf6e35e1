// Scalars as they stand in the text: where they end, and their lines without the indentation.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard::format {

struct ScalarSource {
  std::vector<std::string> lines;
  std::size_t end = 0;  // offset behind it
  bool is_block = false;
  bool keeps_newlines = false;
};

// The scalar at `begin` whose parsed text is `parsed`; `parent_indent` is the column of the block
// collection that it stands in. `end` is std::string_view::npos when text and parsed text don't
// fit each other.
ScalarSource scalar_source(std::string_view text, std::size_t begin, const std::string& parsed,
                           std::size_t parent_indent);

}  // namespace switchyard::format
