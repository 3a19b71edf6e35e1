#include "stages/export/recipe/static/walk.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "engine/text.h"
#include "stages/export/graph/graph.h"
#include "stages/export/graph/op_schema.h"
#include "stages/export/recipe/static/call_check.h"
#include "stages/export/recipe/static/findings.h"

namespace switchyard::recipe {
namespace {

using Kind = Expr::Kind;
using Names = std::set<std::string>;

bool is_operator_name(const std::string& name) {
  return !name.empty() && name[0] >= 'A' && name[0] <= 'Z';
}

void collect_targets(const Statements& statements, Names& names) {
  for (const Statement& statement : statements) {
    names.insert(statement.targets.begin(), statement.targets.end());
    collect_targets(statement.body, names);
    collect_targets(statement.orelse, names);
  }
}

// What of the recipe is read anywhere, for what is not.
struct Mentions {
  Names names;                 // names and text, for a block may be called by its name in a string
  Names fields;                // of `variant`
  bool whole_variant = false;  // it is handed on, so that any field may be read
};

class Walk {
 public:
  // `incomplete`: what could not be read may have set a name that seems unknown.
  Walk(const Recipe& recipe, bool incomplete, Findings& findings)
      : recipe_(recipe), incomplete_(incomplete), findings_(findings) {
    if (!recipe.variants) return;
    if (recipe.variants->defaults.is_map()) add_fields(recipe.variants->defaults);
    for (const auto& [name, row] : recipe.variants->rows) add_fields(row.values);
  }

  const Mentions& mentions() const { return mentions_; }

  void run(bool library) {
    globals_ = {"config", "task", "options"};
    findings_.enter("variants");
    if (recipe_.variants) value(recipe_.variants->key);
    globals_.insert("variant");
    findings_.enter("let");
    for (const NamedExpr& let : recipe_.lets) {
      value(let.value);
      globals_.insert(let.name);
    }
    for (const auto& [name, block] : recipe_.blocks) walk_block(name, block);
    if (library) return;
    findings_.enter({});
    locals_.clear();
    walk_inputs(recipe_.inputs);
    findings_.enter("graph");
    statements(recipe_.graph);
    const Names trunk = locals_;
    Names any_head = trunk;
    for (const Head& head : recipe_.heads) {
      locals_ = trunk;
      walk_head(head);
      any_head.insert(locals_.begin(), locals_.end());
    }
    findings_.enter("ignore");
    locals_ = any_head;
    for (const Ignored& ignored : recipe_.ignore) value(ignored.when);
    for (const Part& part : recipe_.parts) {
      findings_.enter(part.head.task);
      locals_.clear();
      walk_inputs(part.inputs);
      walk_head(part.head);
    }
  }

 private:
  void add_fields(const Value& map) {
    for (const auto& [name, field] : map.as_map()) fields_.insert(name);
  }

  // A library's blocks are checked with their library; here only what they read of this recipe.
  void walk_block(const std::string& name, const Block& block) {
    const bool own = !block.from_library();
    findings_.enter(name);
    locals_.clear();
    for (const Parameter& parameter : block.parameters()) locals_.insert(parameter.name);
    silent_ = !own;
    in_block_ = true;
    for (const Parameter& parameter : block.parameters()) value(parameter.default_value);
    statements(block.statements());
    in_block_ = false;
    silent_ = false;
  }

  void walk_inputs(const std::vector<Input>& inputs) {
    for (const Input& input : inputs) locals_.insert(input.name);
    for (const Input& input : inputs) {
      value(input.dims);
      value(input.when);
      if (!graph::elem_from_name(input.dtype)) {
        findings_.error(input.spot, "inputs",
                        "input '" + input.name + "' has the unknown dtype '" + input.dtype + "'",
                        "float32, int64, bool ...");
      }
    }
  }

  void walk_head(const Head& head) {
    findings_.enter(head.task);
    statements(head.statements);
    std::vector<std::string> outputs;
    for (const NamedExpr& output : head.outputs) {
      value(output.value);
      outputs.push_back(output.name);
    }
    for (const Ignored& ignored : head.ignore) value(ignored.when);
    if (!head.axes.is_map()) return;
    for (const auto& [name, axes] : head.axes.as_map()) {
      if (std::find(outputs.begin(), outputs.end(), name) != outputs.end()) continue;
      if (!wrong_axes_.insert(name).second) continue;
      const std::string near = did_you_mean(name, outputs);
      findings_.error(head.spot, "axes",
                      "'axes' names '" + name + "', which is no output of '" + head.task + "'",
                      near.empty() ? "It has " + join_names(outputs) : near);
    }
  }

  void statements(const Statements& list) {
    for (const Statement& statement : list) one(statement);
  }

  void one(const Statement& statement) {
    switch (statement.kind) {
      case Statement::Kind::kAssign:
        value(statement.value, statement.targets.size() > 1 ? statement.targets.size() : 0);
        break;
      case Statement::Kind::kReturn:
        if (!in_block_)
          findings_.error(statement.spot, "statement", "'return' stands outside a block");
        for (const ExprPtr& returned : statement.values) value(returned);
        break;
      case Statement::Kind::kFor:
        value(statement.value);
        // What a turn of the loop sets, the next one sees.
        collect_targets(statement.body, locals_);
        break;
      case Statement::Kind::kIf:
        value(statement.value);
        break;
      case Statement::Kind::kScope:
        path(statement.path);
        break;
      case Statement::Kind::kRequire:
        for (const ExprPtr& part : statement.values) value(part);
        break;
    }
    locals_.insert(statement.targets.begin(), statement.targets.end());
    statements(statement.body);
    statements(statement.orelse);
  }

  void path(const Template& text) {
    for (const Template::Piece& piece : text.pieces) value(piece.expr);
  }

  void value(const ExprPtr& expr, std::size_t wanted = 0) {
    if (expr) value(*expr, wanted);
  }

  void value(const Expr& expr, std::size_t wanted = 0) {
    switch (expr.kind) {
      case Kind::kString:
        mentions_.names.insert(expr.text);
        return;
      case Kind::kName:
        return name(expr);
      case Kind::kWeight:
      case Kind::kCount:
        return path(expr.path);
      case Kind::kScoped:
        path(expr.path);
        return value(expr.children[0], wanted);
      case Kind::kMember:
        return member(expr, false);
      case Kind::kBinary:
        if (expr.text == "??") {
          soft(*expr.children[0]);
          return value(expr.children[1]);
        }
        break;
      case Kind::kConditional:
        value(expr.children[1]);
        value(expr.children[0], wanted);
        return value(expr.children[2], wanted);
      case Kind::kCall:
        return call(expr, wanted);
      case Kind::kComprehension:
        return comprehension(expr);
      default:
        break;
    }
    for (const ExprPtr& child : expr.children) value(child);
  }

  // The left side of `??`: keys and indices may be missing.
  void soft(const Expr& expr) {
    if (expr.kind == Kind::kMember) return member(expr, true);
    if (expr.kind == Kind::kIndex) {
      soft(*expr.children[0]);
      for (std::size_t i = 1; i < expr.children.size(); ++i) value(expr.children[i]);
      return;
    }
    value(expr);
  }

  void member(const Expr& expr, bool is_soft) {
    const Expr& owner = *expr.children[0];
    const bool of_variant = owner.kind == Kind::kName && owner.text == "variant" &&
                            !locals_.contains("variant") && globals_.contains("variant");
    if (!of_variant) return is_soft ? soft(owner) : value(owner);
    mentions_.fields.insert(expr.text);
    if (is_soft || silent_ || expr.text == "name" || fields_.contains(expr.text)) return;
    std::vector<std::string> known(fields_.begin(), fields_.end());
    findings_.error(expr.spot, "variants",
                    recipe_.variants
                        ? "neither the rows of 'variants' nor its defaults have '" + expr.text + "'"
                        : "the recipe has no 'variants'",
                    did_you_mean(expr.text, known));
  }

  void comprehension(const Expr& expr) {
    value(expr.children[1]);
    const Names outer = locals_;
    locals_.insert(expr.targets.begin(), expr.targets.end());
    value(expr.children[2]);
    value(expr.children[0]);
    locals_ = outer;
  }

  bool is_variable(const std::string& text) const {
    return locals_.contains(text) || globals_.contains(text);
  }

  void name(const Expr& expr) {
    mentions_.names.insert(expr.text);
    if (expr.text == "variant" && !locals_.contains("variant")) mentions_.whole_variant = true;
    if (silent_ || incomplete_ || is_variable(expr.text) || recipe_.blocks.contains(expr.text))
      return;
    if (graph::find_op(expr.text)) return;
    std::vector<std::string> names = visible();
    for (const auto& [block, b] : recipe_.blocks) names.push_back(block);
    findings_.error(expr.spot, "unknown-name", "there is no name '" + expr.text + "' here",
                    did_you_mean(expr.text, names));
  }

  std::vector<std::string> visible() const {
    std::vector<std::string> names(locals_.begin(), locals_.end());
    names.insert(names.end(), globals_.begin(), globals_.end());
    return names;
  }

  void call(const Expr& expr, std::size_t wanted) {
    const Expr& callee = *expr.children[0];
    if (callee.kind == Kind::kName) {
      mentions_.names.insert(callee.text);
      if (!silent_) call_by_name(callee.text, expr, wanted);
    } else {
      value(callee);
    }
    for (const Argument& argument : expr.args) {
      const bool asks = callee.kind == Kind::kName && callee.text == "exists";
      asks ? soft(*argument.value) : value(argument.value);
    }
  }

  void call_by_name(const std::string& callee, const Expr& expr, std::size_t wanted) {
    // A variable may hold a block of any form.
    if (is_variable(callee)) return;
    const auto block = recipe_.blocks.find(callee);
    if (block != recipe_.blocks.end())
      return check_block_call(block->second, expr, wanted, findings_);
    if (callee == "exists") return check_exists_call(expr, findings_);
    if (callee == "submodel") return check_submodel_call(expr, findings_);
    if (const Builtin* builtin = find_builtin(callee))
      return check_builtin_call(*builtin, expr, findings_);
    if (is_operator_name(callee)) return check_operator_call(callee, expr, wanted, findings_);
    std::vector<std::string> names = visible();
    for (const auto& [known, b] : recipe_.blocks) names.push_back(known);
    for (const Builtin& builtin : builtins()) names.emplace_back(builtin.name);
    findings_.error(expr.spot, "unknown-name", "there is no block or function '" + callee + "'",
                    did_you_mean(callee, names));
  }

  const Recipe& recipe_;
  const bool incomplete_;
  Findings& findings_;
  Names wrong_axes_;  // told of already: heads share them by `like`
  Names globals_;
  Names locals_;  // set on some way to the statement
  Names fields_;  // of `variant`
  Mentions mentions_;
  bool in_block_ = false;
  bool silent_ = false;
};

// Text in rows of `variants` may name blocks.
void collect_text(const Value& value, Names& names) {
  if (value.is_string()) names.insert(value.as_string());
  if (value.is_list()) {
    for (const Value& item : value.as_list()) collect_text(item, names);
  } else if (value.is_map()) {
    for (const auto& [key, item] : value.as_map()) collect_text(item, names);
  }
}

void check_unused_names(const Recipe& recipe, Names mentioned, Findings& findings) {
  if (recipe.variants) {
    collect_text(recipe.variants->defaults, mentioned);
    for (const auto& [name, row] : recipe.variants->rows) collect_text(row.values, mentioned);
  }
  for (const auto& [name, block] : recipe.blocks) {
    if (block.from_library() || mentioned.contains(name)) continue;
    findings.enter(name);
    findings.warning(block.spot(), "unused", "nothing calls block '" + name + "'", "Remove it");
  }
  for (const NamedExpr& let : recipe.lets) {
    if (mentioned.contains(let.name)) continue;
    findings.enter("let");
    findings.warning(let.spot, "unused", "nothing reads '" + let.name + "'", "Remove it");
  }
}

void check_circles(const Variants& variants, Findings& findings) {
  findings.enter("variants");
  for (const auto& [name, row] : variants.rows) {
    const Variants::Row* at = &row;
    for (std::size_t steps = 0; at != nullptr && !at->like.empty(); ++steps) {
      if (steps > variants.rows.size()) {
        findings.error(row.spot, "variants", "row '" + name + "' is like itself in a circle");
        break;
      }
      const auto next = variants.rows.find(at->like);
      at = next == variants.rows.end() ? nullptr : &next->second;
    }
  }
}

void check_unread_fields(const Variants& variants, const Mentions& mentions, Findings& findings) {
  if (mentions.whole_variant) return;
  findings.enter("variants");
  for (const auto& [name, row] : variants.rows) {
    for (const auto& [field, value] : row.values.as_map()) {
      if (field == "like" || mentions.fields.contains(field)) continue;
      const std::vector<std::string> read(mentions.fields.begin(), mentions.fields.end());
      findings.warning(row.spot, "unused",
                       "row '" + name + "' gives '" + field + "', which nothing reads",
                       did_you_mean(field, read));
    }
  }
}

}  // namespace

void check_names_and_calls(const Recipe& recipe, bool library, bool incomplete,
                           Problems& problems) {
  Findings findings(recipe.name, problems);
  Walk walk(recipe, incomplete, findings);
  walk.run(library);
  if (recipe.variants) check_circles(*recipe.variants, findings);
  // What seems unused beside an error mostly is what was misspelt there.
  if (incomplete || library || findings.errors() > 0) return;
  check_unused_names(recipe, walk.mentions().names, findings);
  if (recipe.variants) check_unread_fields(*recipe.variants, walk.mentions(), findings);
}

}  // namespace switchyard::recipe
