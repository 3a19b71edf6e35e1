#include "stages/export/recipe/statements.h"

#include <algorithm>

#include "engine/faults.h"
#include "engine/text.h"
#include "stages/export/recipe/parser.h"

namespace switchyard::recipe {
namespace {

constexpr int kMaxNesting = 50;

enum Form { kFor, kIf, kScope, kRequire };  // as in statement_keys()

const YamlNode& need(const YamlNode& statement, std::string_view key, std::string_view with) {
  const YamlNode* node = statement.find(key);
  if (!node) {
    statement.fail("a statement with '" + std::string(with) + "' needs '" + std::string(key) + "'",
                   "See docs/recipes.md, Statements");
  }
  return *node;
}

void allow_only(const YamlNode& statement, const std::vector<std::string>& keys) {
  for (const YamlEntry& entry : statement.entries()) {
    if (std::find(keys.begin(), keys.end(), entry.key) != keys.end()) continue;
    std::string mend = did_you_mean(entry.key, keys);
    if (mend.empty()) mend = "Known here: " + join_names(keys);
    throw Error(ErrorKind::kUsage, entry.key_place(),
                "unknown key '" + entry.key + "' in a statement", mend);
  }
}

const std::string& need_text(const YamlNode& node, std::string_view what) {
  if (!node.is_scalar() || node.is_null())
    node.fail(std::string(what) + " must be text, not " + node.describe());
  return node.text();
}

Statements read_list(const YamlNode& node, int depth, Faults* faults);

Statement read_structured(const YamlNode& node, int depth, Faults* faults) {
  if (const YamlNode* head = node.find("for")) {
    allow_only(node, statement_keys()[kFor]);
    Statement statement = parse_for(need_text(*head, "the head of a loop"), spot_of(*head));
    statement.body = read_list(need(node, "do", "for"), depth, faults);
    return statement;
  }
  if (const YamlNode* condition = node.find("if")) {
    allow_only(node, statement_keys()[kIf]);
    Statement statement;
    statement.kind = Statement::Kind::kIf;
    statement.spot = spot_of(*condition);
    statement.value = read_expression(*condition);
    statement.body = read_list(need(node, "then", "if"), depth, faults);
    if (const YamlNode* otherwise = node.find("else"))
      statement.orelse = read_list(*otherwise, depth, faults);
    return statement;
  }
  if (const YamlNode* path = node.find("scope")) {
    allow_only(node, statement_keys()[kScope]);
    Statement statement;
    statement.kind = Statement::Kind::kScope;
    statement.spot = spot_of(*path);
    statement.path = parse_template(need_text(*path, "a scope"), spot_of(*path));
    statement.body = read_list(need(node, "do", "scope"), depth, faults);
    return statement;
  }
  if (const YamlNode* condition = node.find("require")) {
    allow_only(node, statement_keys()[kRequire]);
    return parse_require(need_text(*condition, "a requirement"), spot_of(*condition));
  }
  node.fail(
      "a statement is a line of text or one of for/do, if/then/else, scope/do, require; this is " +
          node.describe(),
      "Quote the line when it contains ': '");
}

Statements read_list(const YamlNode& node, int depth, Faults* faults) {
  if (depth > kMaxNesting) node.fail("statements are nested too deeply", "Move some into a block");
  Statements statements;
  auto read = [&](const YamlNode& item) {
    if (item.is_string()) {
      statements.push_back(parse_statement(item.text(), spot_of(item)));
    } else if (item.is_map()) {
      statements.push_back(read_structured(item, depth + 1, faults));
    } else {
      item.fail("a statement is a line of text or a map, not " + item.describe());
    }
  };
  if (node.is_list()) {
    for (const YamlNode& item : node.items()) attempt(faults, [&] { read(item); });
  } else if (!node.is_null()) {
    attempt(faults, [&] { read(node); });
  }
  return statements;
}

}  // namespace

Spot spot_of(const YamlNode& node) {
  return {&node.file(), node.line(), node.column() + (node.is_quoted() ? 1 : 0)};
}

const std::vector<std::vector<std::string>>& statement_keys() {
  static const std::vector<std::vector<std::string>> keys{
      {"for", "do"}, {"if", "then", "else"}, {"scope", "do"}, {"require"}};
  return keys;
}

Statements read_statements(const YamlNode& node, Faults* faults) {
  return read_list(node, 0, faults);
}

ExprPtr read_expression(const YamlNode& node) {
  if (!node.is_scalar()) node.fail("expected an expression, found " + node.describe());
  if (node.is_null()) {
    auto null = std::make_unique<Expr>();
    null->spot = spot_of(node);
    return null;
  }
  return parse_expression(node.text(), spot_of(node));
}

}  // namespace switchyard::recipe
