#include "stages/export/weights/head_scopes.h"

namespace switchyard {
namespace {

using recipe::Expr;
using recipe::Statement;
using recipe::Statements;

constexpr int kMaxCalls = 5;

class Collector {
 public:
  explicit Collector(const recipe::Recipe& recipe) : recipe_(recipe) {}

  void walk(const Statements& statements, int depth) {
    for (const Statement& statement : statements) {
      if (statement.kind == Statement::Kind::kScope) {
        add(statement.path.pattern() + ".*");
        continue;
      }
      if (statement.value) walk(*statement.value, depth);
      for (const auto& value : statement.values) walk(*value, depth);
      walk(statement.body, depth);
      walk(statement.orelse, depth);
    }
  }

  void walk(const Expr& expr, int depth) {
    if (expr.kind == Expr::Kind::kScoped) return add(expr.path.pattern() + ".*");
    if (expr.kind == Expr::Kind::kWeight) return add(expr.path.pattern());
    for (const auto& child : expr.children) {
      if (child) walk(*child, depth);
    }
    for (const auto& argument : expr.args) walk(*argument.value, depth);
    if (expr.kind != Expr::Kind::kCall || depth >= kMaxCalls ||
        expr.children[0]->kind != Expr::Kind::kName)
      return;
    const auto block = recipe_.blocks.find(expr.children[0]->text);
    if (block != recipe_.blocks.end() && !block->second.from_library())
      walk(block->second.statements(), depth + 1);
  }

  std::set<std::string> take() { return std::move(patterns_); }

 private:
  void add(std::string pattern) {
    const bool says_something = pattern.find_first_not_of("*.") != std::string::npos;
    if (says_something) patterns_.insert(std::move(pattern));
  }

  const recipe::Recipe& recipe_;
  std::set<std::string> patterns_;
};

}  // namespace

std::set<std::string> head_scopes(const recipe::Recipe& recipe, const recipe::Head& head) {
  Collector collector(recipe);
  collector.walk(head.statements, 0);
  for (const recipe::NamedExpr& output : head.outputs) collector.walk(*output.value, 0);
  return collector.take();
}

}  // namespace switchyard
