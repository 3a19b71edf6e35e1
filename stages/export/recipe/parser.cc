#include "stages/export/recipe/parser.h"

#include <array>
#include <utility>

#include "stages/export/recipe/token_cursor.h"

namespace switchyard::recipe {
namespace {

// Nesting beyond this is a mistake, and deeper recursion could exhaust the stack.
constexpr int kMaxDepth = 60;

struct BinaryLevel {
  std::array<std::string_view, 9> operators;
  bool right_associative = false;
};

class Parser : public TokenCursor {
 public:
  using TokenCursor::TokenCursor;

  // EXPRESSION [@ SCOPE]
  ExprPtr scoped() {
    ExprPtr expr = expression();
    if (peek().kind != TokenKind::kScope) return expr;
    const Token& token = tokens_[pos_++];
    ExprPtr node = make(Expr::Kind::kScoped, token.spot);
    node->path = parse_template(token.text, token.text_spot);
    node->children.push_back(std::move(expr));
    return node;
  }

  std::vector<std::string> targets_before(std::string_view word, std::string_view what) {
    std::vector<std::string> names;
    const bool parenthesized = take_symbol("(");
    do {
      names.push_back(expect_name(what));
    } while (take_symbol(","));
    if (parenthesized) expect_symbol(")", "after the names");
    if (!take_word(word))
      fail(peek(), "expected '" + std::string(word) + "', found " + describe(peek()));
    return names;
  }

  // How many tokens `a, b =` takes; 0 when the line does not start with targets.
  std::size_t target_tokens() const {
    std::size_t i = 0;
    for (;;) {
      if (peek(i).kind != TokenKind::kName || is_keyword(peek(i).text)) return 0;
      if (at_symbol("=", i + 1)) return i + 2;
      if (!at_symbol(",", i + 1)) return 0;
      i += 2;
    }
  }

  // Steps over tokens that have been looked at.
  void skip(std::size_t count) { pos_ += count; }

 private:
  // Whether an `if` belongs to a comprehension around the expression, until this goes. Brackets
  // begin afresh.
  struct ConditionScope {
    ConditionScope(Parser& parser, bool in_condition)
        : parser(parser),
          outer(std::exchange(parser.in_comprehension_condition_, in_condition)) {}
    ~ConditionScope() { parser.in_comprehension_condition_ = outer; }
    Parser& parser;
    bool outer;
  };

  struct DepthGuard {
    explicit DepthGuard(Parser& parser) : parser(parser) {
      if (++parser.depth_ > kMaxDepth)
        fail(parser.peek(), "this expression is nested too deeply",
             "Split it into several statements");
    }
    ~DepthGuard() { --parser.depth_; }
    Parser& parser;
  };

  static ExprPtr make(Expr::Kind kind, Spot spot) {
    auto node = std::make_unique<Expr>();
    node->kind = kind;
    node->spot = spot;
    return node;
  }

  // A if C else B; lowest precedence.
  ExprPtr expression() {
    DepthGuard guard(*this);
    ExprPtr value = binary(0);
    if (!at_word("if") || in_comprehension_condition_) return value;
    ExprPtr node = make(Expr::Kind::kConditional, peek().spot);
    ++pos_;
    ExprPtr condition = binary(0);
    if (!take_word("else"))
      fail(peek(), "expected 'else' of 'A if C else B', found " + describe(peek()));
    ExprPtr otherwise = expression();
    node->children.push_back(std::move(value));
    node->children.push_back(std::move(condition));
    node->children.push_back(std::move(otherwise));
    return node;
  }

  // Precedence, loosest first: or, and, not, comparisons, ??, + -, * / // %, unary, **.
  ExprPtr binary(int level) {
    static constexpr std::array<BinaryLevel, 6> kLevels = {{
        {{"or"}},
        {{"and"}},
        {{"==", "!=", "<", "<=", ">", ">=", "in", "not in"}},
        {{"??"}},
        {{"+", "-"}},
        {{"*", "/", "//", "%"}},
    }};
    if (level == static_cast<int>(kLevels.size())) return unary();
    if (level == 2 && at_word("not")) {
      DepthGuard guard(*this);
      ExprPtr node = make(Expr::Kind::kUnary, peek().spot);
      node->text = "not";
      ++pos_;
      node->children.push_back(binary(2));
      return node;
    }
    ExprPtr left = binary(level + 1);
    for (;;) {
      const std::string op = take_operator(kLevels[level]);
      if (op.empty()) return left;
      ExprPtr node = make(Expr::Kind::kBinary, operator_spot_);
      node->text = op;
      node->children.push_back(std::move(left));
      // `a ?? b ?? c` is a ?? (b ?? c), so that each of them but the last may be missing.
      node->children.push_back(binary(op == "??" ? level : level + 1));
      left = std::move(node);
    }
  }

  std::string take_operator(const BinaryLevel& level) {
    operator_spot_ = peek().spot;
    for (std::string_view op : level.operators) {
      if (op.empty()) break;
      if (op == "not in") {
        if (at_word("not") && at_word("in", 1)) {
          pos_ += 2;
          return "not in";
        }
      } else if ((peek().kind == TokenKind::kSymbol || peek().kind == TokenKind::kName) &&
                 peek().text == op) {
        ++pos_;
        return std::string(op);
      }
    }
    return {};
  }

  ExprPtr unary() {
    DepthGuard guard(*this);
    if (at_symbol("-") || at_symbol("+")) {
      ExprPtr node = make(Expr::Kind::kUnary, peek().spot);
      node->text = peek().text;
      ++pos_;
      node->children.push_back(unary());
      return node;
    }
    ExprPtr base = postfix();
    if (!at_symbol("**")) return base;
    ExprPtr node = make(Expr::Kind::kBinary, peek().spot);
    node->text = "**";
    ++pos_;
    node->children.push_back(std::move(base));
    node->children.push_back(unary());  // right associative; binds looser than a sign on its right
    return node;
  }

  ExprPtr postfix() {
    ExprPtr value = primary();
    for (;;) {
      if (at_symbol(".")) {
        ExprPtr node = make(Expr::Kind::kMember, peek().spot);
        ++pos_;
        if (peek().kind != TokenKind::kName)
          fail(peek(), "expected a key after '.', found " + describe(peek()));
        node->text = tokens_[pos_++].text;
        node->children.push_back(std::move(value));
        value = std::move(node);
      } else if (at_symbol("[")) {
        value = index(std::move(value));
      } else if (at_symbol("(")) {
        value = call(std::move(value));
      } else {
        return value;
      }
    }
  }

  ExprPtr index(ExprPtr base) {
    const Spot spot = peek().spot;
    ++pos_;
    ExprPtr node = make(Expr::Kind::kIndex, spot);
    node->children.push_back(std::move(base));
    do {
      node->children.push_back(subscript());
    } while (take_symbol(",") && !at_symbol("]"));
    expect_symbol("]", "after an index");
    return node;
  }

  ExprPtr subscript() {
    if (at_symbol("...")) {
      ExprPtr node = make(Expr::Kind::kEllipsis, peek().spot);
      ++pos_;
      return node;
    }
    const Spot spot = peek().spot;
    ExprPtr start;
    if (!at_symbol(":")) start = expression();
    if (!at_symbol(":")) return start;
    ExprPtr node = make(Expr::Kind::kSlice, spot);
    ++pos_;
    ExprPtr stop;
    ExprPtr step;
    if (!at_symbol(":") && !at_symbol("]") && !at_symbol(",")) stop = expression();
    if (take_symbol(":") && !at_symbol("]") && !at_symbol(",")) step = expression();
    node->children.push_back(std::move(start));
    node->children.push_back(std::move(stop));
    node->children.push_back(std::move(step));
    return node;
  }

  ExprPtr call(ExprPtr callee) {
    ExprPtr node = make(Expr::Kind::kCall, callee->spot);
    ++pos_;
    if (peek().kind == TokenKind::kPattern) {
      node->kind = Expr::Kind::kCount;
      node->path = parse_template(peek().text, peek().text_spot);
      ++pos_;
      expect_symbol(")", "after the pattern of count");
      return node;
    }
    node->children.push_back(std::move(callee));
    const ConditionScope inside(*this, false);
    while (!at_symbol(")")) {
      Argument argument;
      argument.spot = peek().spot;
      if (peek().kind == TokenKind::kName && at_symbol("=", 1)) {
        argument.name = tokens_[pos_].text;
        pos_ += 2;
      } else if (!node->args.empty() && !node->args.back().name.empty()) {
        fail(peek(), "a positional argument follows a named one", "Put positional arguments first");
      }
      argument.value = scoped();
      if (argument.name.empty() && at_word("for")) {
        argument.value = comprehension(std::move(argument.value));
      }
      node->args.push_back(std::move(argument));
      if (!take_symbol(",")) break;
    }
    expect_symbol(")", "after the arguments");
    return node;
  }

  // ELEMENT for a, b in SOURCE [if CONDITION]; the element is parsed already.
  ExprPtr comprehension(ExprPtr element) {
    ExprPtr node = make(Expr::Kind::kComprehension, peek().spot);
    ++pos_;
    node->targets = targets_before("in", "a variable of the comprehension");
    const ConditionScope inside(*this, true);
    ExprPtr source = expression();
    ExprPtr condition;
    if (take_word("if")) condition = expression();
    node->children.push_back(std::move(element));
    node->children.push_back(std::move(source));
    node->children.push_back(std::move(condition));
    return node;
  }

  ExprPtr primary() {
    const Token& token = peek();
    switch (token.kind) {
      case TokenKind::kInt: {
        ExprPtr node = make(Expr::Kind::kInt, token.spot);
        node->int_value = token.int_value;
        ++pos_;
        return node;
      }
      case TokenKind::kFloat: {
        ExprPtr node = make(Expr::Kind::kFloat, token.spot);
        node->float_value = token.float_value;
        ++pos_;
        return node;
      }
      case TokenKind::kString: {
        ExprPtr node = make(Expr::Kind::kString, token.spot);
        node->text = token.text;
        ++pos_;
        return node;
      }
      case TokenKind::kWeight: {
        ExprPtr node = make(Expr::Kind::kWeight, token.spot);
        node->optional = token.optional;
        node->path = parse_template(token.text, token.text_spot);
        ++pos_;
        return node;
      }
      case TokenKind::kName:
        return name();
      case TokenKind::kSymbol:
        if (token.text == "(") return parenthesized();
        if (token.text == "[") return list();
        if (token.text == "{") return map();
        break;
      default:
        break;
    }
    fail(token, "expected a value, found " + describe(token));
  }

  ExprPtr name() {
    const Token& token = tokens_[pos_];
    auto constant = [&](Expr::Kind kind, std::int64_t value) {
      ExprPtr node = make(kind, token.spot);
      node->int_value = value;
      ++pos_;
      return node;
    };
    if (token.text == "true" || token.text == "True") return constant(Expr::Kind::kBool, 1);
    if (token.text == "false" || token.text == "False") return constant(Expr::Kind::kBool, 0);
    if (token.text == "null" || token.text == "None") return constant(Expr::Kind::kNull, 0);
    if (is_keyword(token.text)) fail(token, "expected a value, found " + describe(token));
    ExprPtr node = make(Expr::Kind::kName, token.spot);
    node->text = token.text;
    ++pos_;
    return node;
  }

  ExprPtr parenthesized() {
    ++pos_;
    const ConditionScope inside(*this, false);
    ExprPtr value = scoped();
    expect_symbol(")", "to close the parenthesis");
    return value;
  }

  ExprPtr list() {
    ExprPtr node = make(Expr::Kind::kList, peek().spot);
    ++pos_;
    const ConditionScope inside(*this, false);
    while (!at_symbol("]")) {
      ExprPtr element = scoped();
      if (node->children.empty() && at_word("for")) {
        node = comprehension(std::move(element));
        break;
      }
      node->children.push_back(std::move(element));
      if (!take_symbol(",")) break;
    }
    expect_symbol("]", "to close the list");
    return node;
  }

  ExprPtr map() {
    ExprPtr node = make(Expr::Kind::kMap, peek().spot);
    ++pos_;
    const ConditionScope inside(*this, false);
    while (!at_symbol("}")) {
      node->children.push_back(expression());
      expect_symbol(":", "after a map's key");
      node->children.push_back(expression());
      if (!take_symbol(",")) break;
    }
    expect_symbol("}", "to close the map");
    return node;
  }

  int depth_ = 0;
  // `[e for x in A if C]`: the `if` belongs to the comprehension, not to A.
  bool in_comprehension_condition_ = false;
  Spot operator_spot_;
};

}  // namespace

std::string Template::pattern() const {
  std::string text;
  for (const Piece& piece : pieces) text += piece.expr ? "*" : piece.text;
  return text;
}

Template parse_template(std::string_view text, Spot at) {
  Template result;
  result.spot = at;
  std::size_t pos = 0;
  while (pos < text.size()) {
    const std::size_t open = text.find('{', pos);
    if (open != pos) {
      result.pieces.push_back({std::string(text.substr(pos, open - pos)), nullptr});
      if (open == std::string_view::npos) break;
    }
    const std::size_t close = text.find('}', open);
    Spot inner = at;
    inner.column += static_cast<int>(open) + 1;
    if (close == std::string_view::npos) {
      throw Error(ErrorKind::kUsage, inner.place(),
                  "'{' is not closed in '" + std::string(text) + "'", "Close it with }");
    }
    result.pieces.push_back({{}, parse_expression(text.substr(open + 1, close - open - 1), inner)});
    pos = close + 1;
  }
  return result;
}

ExprPtr parse_expression(std::string_view text, Spot at) {
  Parser parser(text, at);
  ExprPtr expr = parser.scoped();
  parser.expect_end();
  return expr;
}

Statement parse_statement(std::string_view text, Spot at) {
  Parser parser(text, at);
  Statement statement;
  statement.spot = parser.peek().spot;
  if (parser.take_word("return")) {
    statement.kind = Statement::Kind::kReturn;
    do {
      statement.values.push_back(parser.scoped());
    } while (parser.take_symbol(","));
  } else {
    if (const std::size_t count = parser.target_tokens()) {
      for (std::size_t i = 0; i < count; i += 2) statement.targets.push_back(parser.peek(i).text);
      parser.skip(count);
    }
    statement.value = parser.scoped();
  }
  parser.expect_end();
  return statement;
}

Statement parse_for(std::string_view text, Spot at) {
  Parser parser(text, at);
  Statement statement;
  statement.kind = Statement::Kind::kFor;
  statement.spot = parser.peek().spot;
  statement.targets = parser.targets_before("in", "a loop variable");
  statement.value = parser.scoped();
  parser.expect_end();
  return statement;
}

Statement parse_require(std::string_view text, Spot at) {
  Parser parser(text, at);
  Statement statement;
  statement.kind = Statement::Kind::kRequire;
  statement.spot = parser.peek().spot;
  statement.values.push_back(parser.scoped());
  if (parser.take_symbol(",")) statement.values.push_back(parser.scoped());
  parser.expect_end();
  return statement;
}

std::pair<std::string, std::vector<Parameter>> parse_signature(std::string_view text, Spot at) {
  Parser parser(text, at);
  std::pair<std::string, std::vector<Parameter>> result;
  result.first = parser.expect_name("a block's name");
  if (parser.take_symbol("(")) {
    while (!parser.at_symbol(")")) {
      Parameter parameter;
      parameter.spot = parser.peek().spot;
      parameter.name = parser.expect_name("a parameter's name");
      if (parser.take_symbol("=")) parameter.default_value = parser.scoped();
      result.second.push_back(std::move(parameter));
      if (!parser.take_symbol(",")) break;
    }
    parser.expect_symbol(")", "after the parameters");
  }
  parser.expect_end();
  return result;
}

}  // namespace switchyard::recipe
