#include "stages/checkpoint/labels.h"

#include <charconv>
#include <optional>

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

}  // namespace

std::vector<std::string> class_labels(const RuleBook& rules, const Value& config,
                                      std::size_t classes) {
  std::vector<std::string> labels;
  const auto given = [&](std::string_view path) -> const Value* {
    const Value* const value = config.find_path(path);
    return value != nullptr && !value->is_null() ? value : nullptr;
  };
  // timm's configs carry the class count at the top or in pretrained_cfg.
  auto timm_classes = count_at(config, "num_classes");
  if (!timm_classes) timm_classes = count_at(config, "pretrained_cfg.num_classes");

  if (const Value* map = given("id2label"); map != nullptr && map->is_map()) {
    labels = of_index_map(*map);
  } else if (const Value* list = given("label_names"); list != nullptr && list->is_list()) {
    labels = of_list(*list);
  } else if (const Value* inner = given("pretrained_cfg.label_names");
             inner != nullptr && inner->is_list()) {
    labels = of_list(*inner);
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
