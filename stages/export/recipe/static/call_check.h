// Calls as far as they can be judged before anything has a value: whether the callee takes such
// arguments at all.
#pragma once

#include <cstddef>
#include <string>

#include "stages/export/recipe/builtins.h"
#include "stages/export/recipe/recipe.h"
#include "stages/export/recipe/static/findings.h"

namespace switchyard::recipe {

// `expr` is a kCall; `wanted`: how many results its statement takes, 0 when it does not say.
void check_block_call(const Block& block, const Expr& expr, std::size_t wanted, Findings& findings);
void check_builtin_call(const Builtin& builtin, const Expr& expr, Findings& findings);
// exists(TENSOR) and submodel(CONFIG, HEAD, name=tensor ...), which take their arguments
// unevaluated or by name.
void check_exists_call(const Expr& expr, Findings& findings);
void check_submodel_call(const Expr& expr, Findings& findings);
// An operator of opset 17. Arguments whose value is only known at export are taken to fit.
void check_operator_call(const std::string& name, const Expr& expr, std::size_t wanted,
                         Findings& findings);

}  // namespace switchyard::recipe
