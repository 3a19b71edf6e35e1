// The inputs and outputs of the exported graph, from the export configuration's axis names and the
// knowledge table `tensors`.
#pragma once

#include <string_view>
#include <vector>

#include "engine/rule_book.h"
#include "engine/value.h"
#include "stages/resolve/resolve.h"

namespace switchyard {

// `entries`: tensor -> {axis: name}, or null. `task` is tried before `optimum_task` where the table
// has a row for the tensor of one task. A dimension config.NAME is the config's integer, else an
// axis called NAME.
std::vector<TensorSpec> tensor_specs(const RuleBook& rules, const Value* entries,
                                     std::string_view task, std::string_view optimum_task,
                                     const Value& config);

}  // namespace switchyard
