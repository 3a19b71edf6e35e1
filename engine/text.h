// Small text helpers of the engine: the ways in which names are compared, and what messages need.
// All functions are pure and thread-safe; letters mean ASCII letters.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

// One character as `fold` comparisons see it: lower case, '-' as '_'.
constexpr char fold_char(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : (c == '-' ? '_' : c);
}
constexpr char lower_char(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

// The form under which names are equal when letter case and -/_ do not matter: "Sam2-Video" ->
// "sam2_video".
std::string fold(std::string_view name);
bool folds_to(std::string_view a, std::string_view b);

// Without blanks, tabs and line ends at both ends.
std::string_view trim(std::string_view text);
// Equal but for letter case and surrounding blanks.
bool iequals(std::string_view a, std::string_view b);

// Length of the UTF-8 sequence at the start of `text` (1 to 4), or 0 when it is none.
std::size_t utf8_length(std::string_view text);
bool is_utf8(std::string_view text);

// `text` cut to `limit` bytes (at a character's end) with "..." where something was cut.
std::string shorten(std::string_view text, std::size_t limit);

// "a, b and c".
std::string join_names(const std::vector<std::string>& names, std::string_view last = " and ");

// The candidates nearest to a misspelt `name` by edit distance, nearest first, at most `limit`;
// none where nothing is near enough to be a slip of the pen.
std::vector<std::string> nearest_names(std::string_view name,
                                       const std::vector<std::string>& candidates,
                                       std::size_t limit = 3);
// "Did you mean X or Y" for the candidates near `name`; empty when there are none.
std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace switchyard
