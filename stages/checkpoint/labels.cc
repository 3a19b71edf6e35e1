#include "stages/checkpoint/labels.h"

#include <charconv>
#include <optional>
#include <utility>

namespace switchyard {
namespace {

// A whole number written in decimal; nothing otherwise.
std::optional<std::size_t> index_of(const std::string& text) {
  std::size_t index = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, index);
  if (error != std::errc() || stop != end || text.empty()) return {};
  return index;
}

std::string text_of(const Value& value) {
  return value.is_string() ? value.as_string() : value.to_json();
}

std::string numbered(std::size_t index) { return "LABEL_" + std::to_string(index); }

// A config may claim any index; nothing beyond this is a classifier.
constexpr std::size_t kClassLimit = 1'000'000;

std::vector<std::string> of_list(const Value& list) {
  std::vector<std::string> labels;
  for (const Value& item : list.as_list()) labels.push_back(text_of(item));
  return labels;
}

// id2label: {"0": "cat", ...}, in any order.
std::vector<std::string> of_index_map(const Value& map) {
  std::vector<std::string> labels;
  for (const auto& [key, value] : map.as_map()) {
    const auto index = index_of(key);
    if (!index || *index >= kClassLimit) continue;
    while (labels.size() <= *index) labels.push_back(numbered(labels.size()));
    labels[*index] = text_of(value);
  }
  return labels;
}

std::optional<std::size_t> count_at(const Value& config, std::string_view path) {
  const Value* const count = config.find_path(path);
  if (count == nullptr || !count->is_int() || count->as_int() < 0) return {};
  const auto classes = static_cast<std::size_t>(count->as_int());
  return classes < kClassLimit ? std::optional(classes) : std::nullopt;
}

// The labels of the subset that has this many classes, as far as the tables know it.
std::vector<std::string> known_labels(const RuleBook& rules, std::size_t classes) {
  if (!rules.has_knowledge("label_subsets") || !rules.has_knowledge("labels")) return {};
  const auto subset = rules.lookup("label_subsets", std::to_string(classes));
  const Value* const name = subset ? subset->value.find("subset") : nullptr;
  if (name == nullptr || !name->is_string()) return {};
  const auto row = rules.lookup("labels", name->as_string());
  return row && row->value.is_list() ? of_list(row->value) : std::vector<std::string>();
}

// timm's configs carry the class count at the top or in pretrained_cfg.
std::optional<std::size_t> timm_class_count(const Value& config) {
  const auto count = count_at(config, "num_classes");
  return count ? count : count_at(config, "pretrained_cfg.num_classes");
}

// What the config itself says; nothing where it names no labels.
std::optional<std::vector<std::string>> written_labels(const Value& config) {
  const auto given = [&](std::string_view path) -> const Value* {
    const Value* const value = config.find_path(path);
    return value != nullptr && !value->is_null() ? value : nullptr;
  };
  if (const Value* map = given("id2label"); map != nullptr && map->is_map()) {
    return of_index_map(*map);
  }
  for (const char* path : {"label_names", "pretrained_cfg.label_names"}) {
    if (const Value* list = given(path); list != nullptr && list->is_list()) return of_list(*list);
  }
  return {};
}

}  // namespace

std::vector<std::string> labels_beyond_config(const RuleBook& rules, const Value& config) {
  const auto classes = timm_class_count(config);
  if (!classes || written_labels(config)) return {};
  return known_labels(rules, *classes);
}

std::vector<std::string> class_labels(const RuleBook& rules, const Value& config,
                                      std::size_t classes) {
  const auto timm_classes = timm_class_count(config);
  std::vector<std::string> labels;
  if (auto written = written_labels(config)) {
    labels = std::move(*written);
  } else if (timm_classes && (classes == 0 || classes == *timm_classes)) {
    labels = known_labels(rules, *timm_classes);
  }
  if (classes == 0) {
    classes = labels.size();
    if (labels.empty()) classes = count_at(config, "num_labels").value_or(timm_classes.value_or(0));
  }
  labels.resize(std::min(labels.size(), classes));
  while (labels.size() < classes) labels.push_back(numbered(labels.size()));
  return labels;
}

}  // namespace switchyard
