// Parses the one-line pieces of a recipe: expressions, statements, signatures, loop heads.
//
// All throw Error(kUsage) with file:line:column of the token that does not fit. `at` is the place
// of the text's first character.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stages/export/recipe/ast.h"

namespace switchyard::recipe {

// `EXPRESSION` or `EXPRESSION @ SCOPE`.
ExprPtr parse_expression(std::string_view text, Spot at);

// `TARGETS = EXPRESSION @ SCOPE`, `EXPRESSION @ SCOPE` or `return A, B`.
Statement parse_statement(std::string_view text, Spot at);

// `i in range(n)`: the statement has kind kFor, targets and value; its body is empty.
Statement parse_for(std::string_view text, Spot at);

// `condition, 'message'`: kind kRequire.
Statement parse_require(std::string_view text, Spot at);

// `layer(x, eps=1e-5)`: the name and the parameters. A bare name has no parameters.
std::pair<std::string, std::vector<Parameter>> parse_signature(std::string_view text, Spot at);

// Text with {expressions}.
Template parse_template(std::string_view text, Spot at);

}  // namespace switchyard::recipe
