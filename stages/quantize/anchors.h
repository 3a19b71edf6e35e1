// Inside stages/quantize: what makes a Conv, Gemm or MatMul fit for integers.
#pragma once

#include <string>

#include "stages/quantize/plan.h"

namespace switchyard {

bool is_anchor_type(const std::string& op_type);

// Fills `planned` (all but `output`). Returns why the node must stay float, empty when it need not.
std::string examine_anchor(const GraphIndex& graph, int node, const QuantizeOptions& options,
                           PlannedNode& planned);

}  // namespace switchyard
