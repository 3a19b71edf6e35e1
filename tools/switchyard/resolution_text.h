// A Resolution as people read it.
#pragma once

#include <string>

#include "engine/value.h"
#include "stages/resolve/resolve.h"

namespace switchyard {

// What `inspect` prints. With `decisions`, also what decided each step.
std::string resolution_text(const Resolution& resolution, bool decisions);

// The table of a graph's inputs and outputs.
std::string io_text(const std::vector<TensorSpec>& inputs, const std::vector<TensorSpec>& outputs);

// Values as shown in a table cell: strings bare, null as "-".
std::string cell(const Value& value);

}  // namespace switchyard
