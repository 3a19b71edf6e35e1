// Values as YAML that reads back as the same values.
#pragma once

#include <string>

#include "engine/value.h"

namespace switchyard {

// In flow style on one line: "{id: a, when: {x: [1, \"2\"]}}". Strings are quoted only where some
// reader of YAML might take them for something else.
std::string yaml_text(const Value& value);

}  // namespace switchyard
