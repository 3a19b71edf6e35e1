// Turns YAML nodes into statements and expressions, keeping places.
#pragma once

#include <string>
#include <vector>

#include "engine/yaml.h"
#include "stages/export/recipe/ast.h"

namespace switchyard {
class Faults;
}

namespace switchyard::recipe {

// Place of a scalar's first character. The file name is that of the node, kept by the node's data.
Spot spot_of(const YamlNode& node);

// The keys of each form of a statement that is a map; the first one tells the form.
const std::vector<std::vector<std::string>>& statement_keys();

// A list of statements, or a single one. Throws Error(kUsage) at the first fault; with `faults`, each
// statement that can't be read is collected there and left out.
Statements read_statements(const YamlNode& node, Faults* faults = nullptr);

// A scalar as an expression: a string is parsed, other scalars stand for themselves.
ExprPtr read_expression(const YamlNode& node);

}  // namespace switchyard::recipe
