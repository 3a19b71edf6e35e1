// Text of files on one line of a terminal or a report.
#pragma once

#include <string>
#include <string_view>

namespace switchyard {

// Control characters, line ends among them, become '?': a terminal must not obey them.
inline std::string printable(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    safe += byte < 0x20 || byte == 0x7f ? '?' : c;
  }
  return safe;
}

}  // namespace switchyard
