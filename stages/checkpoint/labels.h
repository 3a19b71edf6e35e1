// Names of a classifier's classes.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "engine/rule_book.h"
#include "engine/value.h"

namespace switchyard {

// The label of each class index, in order. Labels may repeat (ImageNet has two "crane"), so the
// list must never be inverted into a map.
//
// In this order: config.json's id2label; timm's label_names; for a timm model that gives none, the
// knowledge tables: `label_subsets` (class count -> subset) and `labels` (subset -> list); then
// "LABEL_i". `classes`: the size of the model's logits; 0: as many as the config says. A list that
// is shorter is filled up with "LABEL_i", a longer one is cut.
std::vector<std::string> class_labels(const RuleBook& rules, const Value& config,
                                      std::size_t classes);

// The labels of a model whose config names none while the knowledge tables know them (a timm model
// of one of ImageNet's label sets); else empty.
std::vector<std::string> labels_beyond_config(const RuleBook& rules, const Value& config);

}  // namespace switchyard
