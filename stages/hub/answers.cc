#include "stages/hub/answers.h"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>

#include "engine/error.h"
#include "engine/json.h"
#include "engine/text.h"
#include "stages/checkpoint/hub_cache.h"
#include "stages/checkpoint/weight_names.h"

namespace switchyard {
namespace {

constexpr std::size_t kLongestEtag = 128;

}  // namespace

std::optional<std::string> etag_of(std::string_view field) {
  field = trim(field);
  if (field.starts_with("W/")) field.remove_prefix(2);
  if (field.size() >= 2 && field.front() == '"' && field.back() == '"') {
    field = field.substr(1, field.size() - 2);
  }
  if (field.empty() || field.size() > kLongestEtag || field.front() == '.') return {};
  const bool plain = std::all_of(field.begin(), field.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == '+' || c == '=';
  });
  return plain ? std::optional(std::string(field)) : std::nullopt;
}

std::optional<std::uint64_t> size_of(std::string_view field) {
  std::int64_t size = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), size);
  if (error != std::errc() || end != field.data() + field.size() || size < 0) return {};
  return static_cast<std::uint64_t>(size);
}

std::optional<double> retry_after(std::string_view field, std::time_t now) {
  field = trim(field);
  if (const auto seconds = size_of(field)) return static_cast<double>(*seconds);
  const std::time_t date = curl_getdate(std::string(field).c_str(), nullptr);
  if (date == -1) return {};
  return std::max(0.0, std::difftime(date, now));
}

std::optional<ContentRange> content_range(std::string_view field) {
  field = trim(field);
  constexpr std::string_view kUnit = "bytes ";
  const auto dash = field.find('-');
  const auto slash = field.find('/');
  if (!field.starts_with(kUnit) || dash == field.npos || slash == field.npos || dash > slash) {
    return {};
  }
  const auto first = size_of(field.substr(kUnit.size(), dash - kUnit.size()));
  if (!first) return {};
  const std::string_view total = field.substr(slash + 1);
  if (total == "*") return ContentRange{*first, {}};
  const auto size = size_of(total);
  return size ? std::optional(ContentRange{*first, size}) : std::nullopt;
}

bool ModelListing::has(const std::string& file) const {
  return std::binary_search(files.begin(), files.end(), file);
}

ModelListing model_listing(const std::string& text, const std::string& id,
                           const std::string& origin, std::uint64_t most_files) {
  const auto refuse = [&](const std::string& what) {
    throw Error(ErrorKind::kModel, Place{id}, origin + " " + what,
                "Check HF_ENDPOINT, and whether a proxy or a sign-in page answers in its place");
  };
  Value value;
  try {
    value = parse_json(text, origin);
  } catch (const Error&) {
    refuse("answers with something that is no listing of a model's files");
  }
  const Value* const commit = value.is_map() ? value.find("sha") : nullptr;
  const Value* const siblings = value.is_map() ? value.find("siblings") : nullptr;
  if (commit == nullptr || !commit->is_string() || !is_commit_hash(commit->as_string()) ||
      siblings == nullptr || !siblings->is_list()) {
    refuse("answers with something that is no listing of a model's files");
  }
  if (siblings->as_list().size() > most_files) {
    refuse("lists more files than a model has (" + std::to_string(siblings->as_list().size()) +
           ")");
  }
  ModelListing listing{commit->as_string(), {}};
  for (const Value& sibling : siblings->as_list()) {
    const Value* const name = sibling.is_map() ? sibling.find("rfilename") : nullptr;
    if (name == nullptr || !name->is_string()) {
      refuse("answers with something that is no listing of a model's files");
    }
    if (!is_plain_relative_path(name->as_string())) {
      refuse("lists a file outside the model's directory: '" + shorten(name->as_string(), 80) +
             "'");
    }
    listing.files.push_back(name->as_string());
  }
  std::sort(listing.files.begin(), listing.files.end());
  return listing;
}

}  // namespace switchyard
