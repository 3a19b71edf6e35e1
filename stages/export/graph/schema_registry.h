// The schemas of opset 17, each made when it is first asked for. libonnx's own registry makes all
// versions of all operators on first use, which takes longer than the rest of an export.
// Heavy: only for .cc files.
#pragma once

#include <onnx/defs/schema.h>

namespace switchyard::graph {

// Lives as long as the process; thread-safe.
const onnx::ISchemaRegistry& schema_registry();

// The names it knows.
std::vector<std::string> schema_names();

}  // namespace switchyard::graph
