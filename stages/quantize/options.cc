#include <algorithm>
#include <set>

#include "engine/error.h"
#include "stages/quantize/quantize.h"

namespace switchyard {
namespace {

[[noreturn]] void wrong(const std::string& key, const std::string& why) {
  throw Error(ErrorKind::kUsage, {}, "the precision decision's '" + key + "' " + why,
              "Mend the rule that decided it");
}

void read_strings(const Value& map, const std::string& key, std::vector<std::string>& out) {
  const Value* list = map.find(key);
  if (!list || list->is_null()) return;
  const auto is_string = [](const Value& v) { return v.is_string(); };
  if (!list->is_list() || !std::all_of(list->as_list().begin(), list->as_list().end(), is_string)) {
    wrong(key, "is no list of strings");
  }
  out.clear();
  for (const Value& entry : list->as_list()) out.push_back(entry.as_string());
}

void read_choice(const Value& map, const std::string& key, const std::set<std::string>& choices,
                 std::string& out) {
  const Value* value = map.find(key);
  if (!value || value->is_null()) return;
  if (!value->is_string() || !choices.contains(value->as_string())) {
    std::string listed;
    for (const std::string& choice : choices) listed += (listed.empty() ? "" : ", ") + choice;
    wrong(key, "is none of: " + listed);
  }
  out = value->as_string();
}

}  // namespace

QuantizeOptions quantize_options(const Value& precision) {
  QuantizeOptions options;
  read_strings(precision, "op_types", options.op_types);
  if (const Value* keep = precision.find("keep_float"); keep && !keep->is_null()) {
    if (!keep->is_map()) wrong("keep_float", "is no map of op_types and nodes");
    read_strings(*keep, "op_types", options.float_op_types);
    read_strings(*keep, "nodes", options.float_nodes);
  }
  if (const Value* per_channel = precision.find("per_channel"); per_channel) {
    if (!per_channel->is_bool()) wrong("per_channel", "is neither true nor false");
    options.per_channel = per_channel->as_bool();
  }
  read_choice(precision, "activation", {"int8", "uint8"}, options.activation_type);
  read_choice(precision, "weight", {"int8"}, options.weight_type);
  std::string method = "minmax";
  read_choice(precision, "method", {"minmax"}, method);
  return options;
}

}  // namespace switchyard
