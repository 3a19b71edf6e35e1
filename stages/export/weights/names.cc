#include "stages/export/weights/names.h"

#include <set>

#include "engine/text.h"

namespace switchyard {
namespace {

// The first part of all names when they share it ("timm_model"), else empty.
std::string common_root(const Weights& weights) {
  std::string root;
  for (const StoredTensor& tensor : weights.tensors()) {
    const std::string first = tensor.name.substr(0, tensor.name.find('.'));
    if (first.size() == tensor.name.size() || (!root.empty() && first != root)) return {};
    root = first;
  }
  return root;
}

std::vector<std::string> texts(const Outcome& outcome, std::string_view output) {
  std::vector<std::string> result;
  const Value* value = outcome.get(output);
  if (!value) return result;
  if (value->is_string()) result.push_back(value->as_string());
  if (value->is_list()) {
    for (const Value& item : value->as_list()) {
      if (item.is_string()) result.push_back(item.as_string());
    }
  }
  return result;
}

std::string text_at(const Value& map, std::string_view key) {
  const Value* value = map.find(key);
  return value && value->is_string() ? value->as_string() : std::string();
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

WeightNames::WeightNames(const RuleBook& rules, const Weights& weights, const Facts& facts,
                         std::string prefix)
    : prefix_(std::move(prefix)) {
  Facts known = facts;
  const std::string root = common_root(weights);
  known.set("checkpoint.common_prefix", root.empty() ? Value() : Value(root));
  known.set("checkpoint.tensors", Value(static_cast<std::int64_t>(weights.tensors().size())));
  std::string strip;
  const auto outcomes =
      rules.has_decision("weights") ? rules.collect("weights", known) : std::vector<Outcome>();
  for (const Outcome& outcome : outcomes) {
    const std::string rule(outcome.rule.id);
    for (const std::string& text : texts(outcome, "strip")) strip = text;
    for (std::string& pattern : texts(outcome, "idle")) idle_.push_back({std::move(pattern), rule});
    if (outcome.get("foreign_heads")) foreign_head_rule_ = rule;
    if (const Value* also = outcome.get("also_called")) {
      alternatives_.push_back({text_at(*also, "suffix"), text_at(*also, "alternative")});
    }
  }
  for (const StoredTensor& tensor : weights.tensors()) {
    std::string plain = tensor.name;
    if (!strip.empty() && plain.starts_with(strip)) plain.erase(0, strip.size());
    tensors_.emplace(plain, &tensor);
    plain_.emplace(&tensor, std::move(plain));
  }
}

const StoredTensor* WeightNames::find_exact(std::string_view name) const {
  const auto found = tensors_.find(name);
  return found == tensors_.end() ? nullptr : found->second;
}

std::vector<std::string> WeightNames::spellings(std::string_view name) const {
  std::vector<std::string> result = {std::string(name)};
  if (prefix_.empty()) return result;
  if (name.starts_with(prefix_) && name.size() > prefix_.size() && name[prefix_.size()] == '.') {
    result.emplace_back(name.substr(prefix_.size() + 1));
  } else {
    result.push_back(prefix_ + "." + std::string(name));
  }
  return result;
}

const StoredTensor* WeightNames::find(std::string_view name) const {
  for (const std::string& spelling : spellings(name)) {
    if (const StoredTensor* tensor = find_exact(spelling)) return tensor;
    for (const Alternative& alternative : alternatives_) {
      if (alternative.of.empty() || !spelling.ends_with(alternative.of)) continue;
      const std::string other =
          spelling.substr(0, spelling.size() - alternative.of.size()) + alternative.is;
      if (const StoredTensor* tensor = find_exact(other)) return tensor;
    }
  }
  return nullptr;
}

std::size_t WeightNames::count(const std::string& pattern) const {
  for (const std::string& spelling : spellings(pattern)) {
    const std::size_t star = spelling.find('*');
    if (star == std::string::npos) return find(pattern) ? 1 : 0;
    const std::string head = spelling.substr(0, star);
    const std::string rest = spelling.substr(star + 1);
    std::set<std::string> values;
    for (auto it = tensors_.lower_bound(head); it != tensors_.end() && it->first.starts_with(head);
         ++it) {
      const std::string& name = it->first;
      const std::size_t end = std::min(name.find('.', star), name.size());
      if (end == star) continue;
      const std::string_view tail = std::string_view(name).substr(end);
      const bool fits = tail.starts_with(rest) &&
                        (rest.empty() || tail.size() == rest.size() || tail[rest.size()] == '.');
      if (fits) values.insert(name.substr(star, end - star));
    }
    if (!values.empty()) return values.size();
  }
  return 0;
}

std::string WeightNames::nearest(std::string_view name) const {
  std::vector<std::string> names;
  for (const auto& [plain, tensor] : tensors_) names.push_back(plain);
  std::vector<std::string> near = nearest_names(name, names);
  if (near.empty()) {
    // Same last part, same beginning: where the recipe and the file part ways.
    const std::size_t dot = name.rfind('.');
    const std::string_view scope = name.substr(0, dot == std::string_view::npos ? 0 : dot);
    for (std::string_view part = scope; !part.empty() && near.empty();) {
      for (const std::string& candidate : names) {
        if (candidate.starts_with(part) && near.size() < 3) near.push_back(candidate);
      }
      const std::size_t cut = part.rfind('.');
      part = part.substr(0, cut == std::string_view::npos ? 0 : cut);
    }
  }
  return near.empty() ? std::string() : "Nearest there: " + join_names(near);
}

const std::string& WeightNames::plain_name(const StoredTensor& tensor) const {
  return plain_.at(&tensor);
}

std::optional<std::string> WeightNames::idle_rule(const StoredTensor& tensor) const {
  for (const Idle& idle : idle_) {
    if (glob_matches(idle.pattern, plain_name(tensor))) return idle.rule;
  }
  return std::nullopt;
}

bool WeightNames::matches(std::string_view pattern, std::string_view plain) const {
  for (const std::string& spelling : spellings(pattern)) {
    if (glob_matches(spelling, plain)) return true;
  }
  return false;
}

}  // namespace switchyard
