// The configuration of a model with everything that config.json leaves out.
#pragma once

#include <string>

#include "engine/rule_book.h"
#include "engine/value.h"

namespace switchyard {

// `written` over the defaults of the model type (knowledge table `config_defaults`):
//  - an attribute with two names (attribute_map) is there under both;
//  - sub-configs are completed in the same way, by their own model types;
//  - num_labels is there: as written, else the size of id2label, else num_classes, else the
//  default.
// A key that is written as null keeps its null where the defaults say nothing else. What `written`
// says is never changed. `written` must be a map or null (an empty one).
Value with_defaults(const RuleBook& rules, const Value& written, const std::string& model_type);

// The config of a checkpoint of another library, as written, with num_labels added where
// num_classes (also pretrained_cfg.num_classes) tells it.
Value with_label_count(const Value& written);

}  // namespace switchyard
