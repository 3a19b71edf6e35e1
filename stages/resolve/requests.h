// A request as a map of JSON or YAML: {config, model_id, options: {task, model_type, model_class,
// library}, hub: {pipeline_tag}}. Keys that are absent or null are not said; other keys are
// ignored.
#pragma once

#include "engine/value.h"
#include "stages/resolve/resolve.h"

namespace switchyard {

// Throws Error(kModel) naming the key whose value is of the wrong kind.
ResolveRequest read_request(const Value& request);

}  // namespace switchyard
