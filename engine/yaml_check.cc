#include "engine/yaml_check.h"

#include <algorithm>

#include "engine/text.h"

namespace switchyard {

namespace {

[[noreturn]] void fail(const YamlNode& node, std::string_view what, std::string_view wanted) {
  node.fail(std::string(what) + " must be " + std::string(wanted) + ", not " + node.describe());
}

}  // namespace

void require_map(const YamlNode& node, std::string_view what) {
  if (!node.is_map()) fail(node, what, "a map");
}

void require_list(const YamlNode& node, std::string_view what) {
  if (!node.is_list()) fail(node, what, "a list");
}

const std::string& require_text(const YamlNode& node, std::string_view what) {
  if (!node.is_string() || node.text().empty()) fail(node, what, "a word or text");
  return node.text();
}

bool require_bool(const YamlNode& node, std::string_view what) {
  if (!node.value().is_bool()) fail(node, what, "true or false");
  return node.value().as_bool();
}

std::int64_t require_integer(const YamlNode& node, std::string_view what) {
  if (!node.value().is_int()) fail(node, what, "a whole number");
  return node.value().as_int();
}

double require_number(const YamlNode& node, std::string_view what) {
  if (!node.value().is_number()) fail(node, what, "a number");
  return node.value().as_double();
}

void require_known_keys(const YamlNode& map, const std::vector<std::string>& known,
                        std::string_view what, Faults* faults) {
  require_map(map, what);
  for (const YamlEntry& entry : map.entries()) {
    if (std::find(known.begin(), known.end(), entry.key) != known.end()) continue;
    attempt(faults, [&] {
      std::string mend = did_you_mean(entry.key, known);
      if (mend.empty()) mend = "Known keys: " + join_names(known);
      throw Error(ErrorKind::kUsage, entry.key_place(),
                  std::string(what) + " has no key \"" + shorten(entry.key, 60) + "\"", mend);
    });
  }
}

}  // namespace switchyard
