// What the Hub's answers say: headers and the listing of a model's files. All of it is foreign.
#pragma once

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

// An ETag or X-Linked-Etag without W/ and quotes; nothing when it can't be a file name (it becomes
// one: letters, digits, '-', '_', '.', '+', '=', at most 128, no '.' in front).
std::optional<std::string> etag_of(std::string_view field);

// A number of bytes, digits only; nothing otherwise or beyond 2^63.
std::optional<std::uint64_t> size_of(std::string_view field);

// Retry-After in seconds from `now`: a number, or an HTTP date (a past one is 0). Nothing when it
// is neither.
std::optional<double> retry_after(std::string_view field, std::time_t now);

// Content-Range "bytes FIRST-LAST/TOTAL".
struct ContentRange {
  std::uint64_t first = 0;
  std::optional<std::uint64_t> total;  // "*": not said
};
std::optional<ContentRange> content_range(std::string_view field);

// The answer of {endpoint}/api/models/{id}/revision/{revision}.
struct ModelListing {
  std::string commit;              // 40 hexadecimal digits
  std::vector<std::string> files;  // relative paths, plain (is_plain_relative_path), sorted

  bool has(const std::string& file) const;
};
// Throws Error(kModel) that names the model and the `origin` of the answer: no JSON, no commit,
// more than `most_files`, a file outside the model's directory.
ModelListing model_listing(const std::string& text, const std::string& id,
                           const std::string& origin, std::uint64_t most_files);

}  // namespace switchyard
