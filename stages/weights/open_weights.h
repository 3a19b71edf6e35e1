// The weights of a checkpoint, whatever files they lie in.
#pragma once

#include "engine/rule_book.h"
#include "stages/checkpoint/checkpoint.h"
#include "stages/checkpoint/weights.h"
#include "stages/weights/weight_files.h"

namespace switchyard {

// Maps and validates the files that the rules find for `source.variant` (weight_files.h).
// Throws Error(kModel) with the mend: none there, an adapter (LoRA) instead of a whole model, a
// git-lfs pointer, a truncated or lying header; Error(kUsage) as find_weight_files.
Weights open_weights(const RuleBook& rules, const ModelSource& source);

// Those of one file or index.
Weights open_weights(const RuleBook& rules, const WeightSource& weights);

// Throws Error(kModel) when `directory` describes an adapter: it has an adapter_config.json. Also
// with whole weights beside: a library that loads such a directory lays the adapter over its base
// model, so the weights alone would be another model.
void refuse_adapter(const std::filesystem::path& directory);

// Throws Error(kModel) when tensors are an adapter's (`adapter_tensors` of the rules).
void refuse_adapter_tensors(const RuleBook& rules, const std::vector<std::string_view>& names,
                            const std::filesystem::path& file);

// The keys that may hold a state dict, best first (`state_dict_wrappers` of the rules).
const std::vector<std::string>& state_dict_wrappers(const RuleBook& rules);

}  // namespace switchyard
