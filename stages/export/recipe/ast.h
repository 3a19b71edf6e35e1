// What a recipe is made of after parsing. Plain data; the parser fills it, the evaluator reads it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "stages/export/spot.h"

namespace switchyard::recipe {

struct Expr;
using ExprPtr = std::unique_ptr<Expr>;

// Text with {expressions} in it: a scope, a weight's name, a pattern. Pieces alternate freely.
struct Template {
  struct Piece {
    std::string text;  // when expr is null
    ExprPtr expr;
  };
  std::vector<Piece> pieces;
  Spot spot;

  // As written, with every {expression} replaced by "*".
  std::string pattern() const;
};

struct Argument {
  std::string name;  // empty: positional
  Spot spot;
  ExprPtr value;
};

struct Expr {
  enum class Kind {
    kNull,
    kBool,    // int_value
    kInt,     // int_value
    kFloat,   // float_value
    kString,  // text
    kList,    // children
    kMap,     // children: key, value, key, value ...
    kName,    // text
    kWeight,  // path; optional
    kCount,   // path: count(pattern)
    kMember,  // children[0] . text
    kIndex,   // children[0] [ children[1..] ]; each a value, kSlice or kEllipsis
    kSlice,   // children: start, stop, step; null pointers where left out
    kEllipsis,
    kUnary,          // text: "-", "+", "not"; children[0]
    kBinary,         // text: the operator; children[0], children[1]
    kConditional,    // children: then, condition, else
    kCall,           // children[0] is called with args
    kComprehension,  // children: element, source, condition or null; targets
    kScoped,         // children[0] evaluated in the scope `path`
  };

  Kind kind = Kind::kNull;
  Spot spot;
  std::string text;
  std::int64_t int_value = 0;
  double float_value = 0;
  bool optional = false;
  std::vector<ExprPtr> children;
  std::vector<Argument> args;
  std::vector<std::string> targets;
  Template path;
};

struct Statement;
using Statements = std::vector<Statement>;

struct Statement {
  enum class Kind {
    kAssign,   // targets (may be empty) = value
    kReturn,   // values
    kFor,      // targets in value: body
    kIf,       // value: body, else orelse
    kScope,    // path: body
    kRequire,  // values: condition, message (may be missing)
  };
  Kind kind = Kind::kAssign;
  Spot spot;
  std::vector<std::string> targets;
  ExprPtr value;
  std::vector<ExprPtr> values;
  Template path;
  Statements body;
  Statements orelse;
};

struct Parameter {
  std::string name;
  Spot spot;
  ExprPtr default_value;  // null: the parameter must be given
};

}  // namespace switchyard::recipe
