#include "stages/export/weights/fitting.h"

#include <optional>

#include "engine/error.h"
#include "engine/text.h"

namespace switchyard {
namespace {

// Wrappers in wrappers: DistributedDataParallel around a compiled model.
constexpr int kMostStrips = 4;

// The first part of all names, behind what was taken off, when they share it; else empty.
std::string common_root(const TensorList& tensors, std::size_t taken_off) {
  std::string root;
  for (const NamedTensor& tensor : tensors) {
    const std::string_view name = std::string_view(tensor.name).substr(taken_off);
    const std::string_view first = name.substr(0, name.find('.'));
    if (first.size() == name.size() || (!root.empty() && first != root)) return {};
    root = first;
  }
  return root;
}

class Reader {
 public:
  explicit Reader(const Outcome& outcome) : outcome_(outcome) {}

  std::string rule() const { return std::string(outcome_.rule.id); }

  // The output as texts: none, one, or a list of them.
  std::vector<std::string> texts(std::string_view output) const {
    std::vector<std::string> result;
    const Value* value = outcome_.get(output);
    if (value == nullptr || value->is_null()) return result;
    if (!value->is_list()) return {text(*value, output)};
    for (const Value& item : value->as_list()) result.push_back(text(item, output));
    return result;
  }

  // The output as maps: none, one, or a list of them.
  std::vector<Value> maps(std::string_view output) const {
    const Value* value = outcome_.get(output);
    if (value == nullptr || value->is_null()) return {};
    if (value->is_list()) return value->as_list();
    return {*value};
  }

  std::string field(const Value& map, std::string_view output, std::string_view key) const {
    const Value* value = map.find(key);
    if (value == nullptr) refuse(output, "needs `" + std::string(key) + "`");
    return text(*value, output);
  }

  [[noreturn]] void refuse(std::string_view output, const std::string& why) const {
    throw Error(ErrorKind::kUsage, outcome_.rule.place(),
                "the rule '" + rule() + "' gives a `" + std::string(output) + "` that " + why,
                "docs/rules.md says what the decision 'weights' takes");
  }

 private:
  std::string text(const Value& value, std::string_view output) const {
    if (!value.is_string() || value.as_string().empty()) refuse(output, "is not a text");
    return value.as_string();
  }

  const Outcome& outcome_;
};

Fitting::Rename rename_of(const Reader& reader, const Value& map) {
  Fitting::Rename rename;
  rename.at_start = map.find("prefix") != nullptr;
  rename.of = reader.field(map, "also_called", rename.at_start ? "prefix" : "suffix");
  rename.is = reader.field(map, "also_called", "alternative");
  rename.rule = reader.rule();
  return rename;
}

void read(const Outcome& outcome, Fitting& fitting) {
  const Reader reader(outcome);
  const std::string rule = reader.rule();
  for (std::string& scope : reader.texts("base_prefix")) {
    fitting.base_prefixes.push_back({std::move(scope), rule});
  }
  for (const Value& map : reader.maps("also_called")) {
    fitting.renames.push_back(rename_of(reader, map));
  }
  for (const Value& map : reader.maps("tied")) {
    fitting.ties.push_back(
        {reader.field(map, "tied", "tensor"), reader.field(map, "tied", "to"), rule});
  }
  for (std::string& pattern : reader.texts("idle")) {
    fitting.idle.push_back({std::move(pattern), rule});
  }
  for (std::string& pattern : reader.texts("foreign")) {
    fitting.foreign.push_back({std::move(pattern), rule});
  }
  if (!reader.texts("other_heads").empty()) fitting.other_heads_rule = rule;
  for (const std::string& name : reader.texts("as_float32")) {
    const auto dtype = parse_dtype(name);
    if (!dtype) reader.refuse("as_float32", "names the unknown dtype '" + name + "'");
    fitting.as_float32.emplace(*dtype, rule);
  }
  for (const std::string& why : reader.texts("refuse")) {
    throw Error(ErrorKind::kModel, outcome.rule.place(),
                "this checkpoint can't be exported: " + why,
                "Start from the checkpoint in float32, float16 or bfloat16");
  }
}

}  // namespace

bool glob_matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

Fitting decide_fitting(const RuleBook& rules, const TensorList& tensors, const Facts& facts) {
  Fitting fitting;
  if (!rules.has_decision("weights")) return fitting;
  Facts known = facts;
  known.set("checkpoint.tensors", Value(static_cast<std::int64_t>(tensors.size())));
  std::size_t taken_off = 0;
  for (int round = 0;; ++round) {
    const std::string root = common_root(tensors, taken_off);
    known.set("checkpoint.common_prefix", root.empty() ? Value() : Value(root));
    const std::vector<Outcome> outcomes = rules.collect("weights", known);
    bool stripped = false;
    for (const Outcome& outcome : outcomes) {
      const Reader reader(outcome);
      for (std::string& prefix : reader.texts("strip")) {
        if (stripped || round == kMostStrips || prefix != root + ".") continue;
        taken_off += prefix.size();
        fitting.strips.push_back({std::move(prefix), reader.rule()});
        stripped = true;
      }
    }
    if (stripped) continue;
    for (const Outcome& outcome : outcomes) read(outcome, fitting);
    return fitting;
  }
}

}  // namespace switchyard
