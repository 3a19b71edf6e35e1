#include "stages/hub/policy.h"

#include <algorithm>

#include "engine/error.h"
#include "stages/checkpoint/weight_names.h"

namespace switchyard {
namespace {

constexpr const char* kTable = "hub_download";

[[noreturn]] void refuse(const char* key, const Place& place, const char* wanted) {
  throw Error(ErrorKind::kUsage, place,
              std::string("the row '") + key + "' of hub_download must be " + wanted,
              "Correct it, or use the built-in rules");
}

Row require_row(const RuleBook& rules, const char* key) {
  if (auto row = rules.lookup(kTable, key)) return *std::move(row);
  throw Error(ErrorKind::kUsage, {},
              std::string("the rules have no row '") + key + "' of hub_download",
              "Add it, or use the built-in rules");
}

double number(const RuleBook& rules, const char* key, double least, double most) {
  const Row row = require_row(rules, key);
  if (!row.value.is_number() || row.value.as_double() < least || row.value.as_double() > most) {
    refuse(key, row.place,
           ("a number from " + std::to_string(static_cast<std::int64_t>(least)) + " to " +
            std::to_string(static_cast<std::int64_t>(most)))
               .c_str());
  }
  return row.value.as_double();
}

std::uint64_t bytes(const RuleBook& rules, const char* key) {
  return static_cast<std::uint64_t>(number(rules, key, 1, 1e15));
}

std::vector<std::string> file_names(const RuleBook& rules, const char* key) {
  const Row row = require_row(rules, key);
  std::vector<std::string> names;
  if (row.value.is_list()) {
    for (const Value& name : row.value.as_list()) {
      if (!name.is_string() || !is_plain_relative_path(name.as_string())) {
        refuse(key, row.place, "a list of file names");
      }
      names.push_back(name.as_string());
    }
  }
  if (names.empty()) refuse(key, row.place, "a list of file names");
  return names;
}

}  // namespace

HubPolicy hub_policy(const RuleBook& rules) {
  HubPolicy policy;
  const Row endpoint = require_row(rules, "endpoint");
  if (!endpoint.value.is_string()) refuse("endpoint", endpoint.place, "a URL");
  policy.endpoint = endpoint.value.as_string();
  policy.configuration = file_names(rules, "configuration");
  for (const std::string& name : rules.keys("carried_files")) {
    if (!is_plain_relative_path(name)) {
      throw Error(ErrorKind::kUsage, {}, "'" + name + "' in carried_files is no file name");
    }
    if (std::ranges::find(policy.configuration, name) == policy.configuration.end()) {
      policy.carried.push_back(name);
    }
  }
  constexpr double kDay = 86400;
  policy.files_at_once = static_cast<std::size_t>(number(rules, "files_at_once", 1, 64));
  policy.attempts = static_cast<int>(number(rules, "attempts", 1, 100));
  policy.first_wait_seconds = number(rules, "first_wait_seconds", 0, kDay);
  policy.longest_wait_seconds = number(rules, "longest_wait_seconds", 0, kDay);
  policy.connect_seconds = static_cast<long>(number(rules, "connect_seconds", 1, kDay));
  policy.stall_seconds = static_cast<long>(number(rules, "stall_seconds", 1, kDay));
  policy.most_files = bytes(rules, "most_files");
  policy.most_listing_bytes = bytes(rules, "most_listing_bytes");
  policy.most_small_file_bytes = bytes(rules, "most_small_file_bytes");
  return policy;
}

}  // namespace switchyard
