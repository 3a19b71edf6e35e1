#include "stages/export/recipe/lexer.h"

#include <array>
#include <charconv>

namespace switchyard::recipe {
namespace {

bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name(char c) { return is_name_start(c) || is_digit(c); }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Longest first, so that the first that fits is the token.
constexpr std::array<std::string_view, 29> kSymbols = {
    "...", "**", "//", "==", "!=", "<=", ">=", "??", "(", ")", "[", "]", "{", "}", ",",
    ":",   ".",  "+",  "-",  "*",  "/",  "%",  "<",  ">", "=", "|", "&", "?", "!"};

class Lexer {
 public:
  Lexer(std::string_view line, Spot at) : line_(line), at_(at) {}

  std::vector<Token> run() {
    std::vector<Token> tokens;
    for (;;) {
      while (pos_ < line_.size() && is_space(line_[pos_])) ++pos_;
      const bool pattern = tokens.size() >= 2 && tokens.back().text == "(" &&
                           tokens.back().kind == TokenKind::kSymbol &&
                           tokens[tokens.size() - 2].kind == TokenKind::kName &&
                           tokens[tokens.size() - 2].text == "count";
      tokens.push_back(pattern ? read_pattern() : next());
      if (tokens.back().kind == TokenKind::kEnd) return tokens;
    }
  }

 private:
  // Multi-line scalars keep counting lines; a column then counts from the line's own start.
  Spot spot(std::size_t pos) const {
    Spot spot = at_;
    for (std::size_t i = 0; i < pos && i < line_.size(); ++i) {
      if (line_[i] == '\n') {
        ++spot.line;
        spot.column = 1;
      } else {
        ++spot.column;
      }
    }
    return spot;
  }

  [[noreturn]] void fail(std::size_t pos, std::string what, std::string mend) const {
    throw Error(ErrorKind::kUsage, spot(pos).place(), std::move(what), std::move(mend));
  }

  Token start(TokenKind kind, std::size_t pos, std::size_t text_pos) const {
    Token token;
    token.kind = kind;
    token.spot = spot(pos);
    token.text_spot = text_pos == pos ? token.spot : spot(text_pos);
    return token;
  }

  Token next() {
    if (pos_ >= line_.size()) return start(TokenKind::kEnd, pos_, pos_);
    const char c = line_[pos_];
    const char after = pos_ + 1 < line_.size() ? line_[pos_ + 1] : '\0';
    if (is_digit(c) || (c == '.' && is_digit(after))) return read_number();
    if (is_name_start(c)) return read_name();
    if (c == '\'' || c == '"') return read_string(TokenKind::kString, pos_);
    if (c == '$') return read_weight();
    if (c == '@') return read_scope();
    for (std::string_view symbol : kSymbols) {
      if (line_.substr(pos_, symbol.size()) == symbol) {
        Token token = start(TokenKind::kSymbol, pos_, pos_);
        token.text = symbol;
        pos_ += symbol.size();
        return token;
      }
    }
    fail(pos_, std::string("the character '") + c + "' starts nothing in the recipe language",
         "See docs/recipes.md for the grammar");
  }

  Token read_number() {
    const std::size_t begin = pos_;
    bool is_float = false;
    auto digits = [&] {
      while (pos_ < line_.size() && (is_digit(line_[pos_]) || line_[pos_] == '_')) ++pos_;
    };
    digits();
    if (pos_ < line_.size() && line_[pos_] == '.') {
      is_float = true;
      ++pos_;
      digits();
    }
    if (pos_ < line_.size() && (line_[pos_] == 'e' || line_[pos_] == 'E')) {
      is_float = true;
      ++pos_;
      if (pos_ < line_.size() && (line_[pos_] == '+' || line_[pos_] == '-')) ++pos_;
      digits();
    }
    std::string text;
    for (char c : line_.substr(begin, pos_ - begin)) {
      if (c != '_') text += c;
    }
    Token token = start(is_float ? TokenKind::kFloat : TokenKind::kInt, begin, begin);
    token.text = text;
    const char* end = text.data() + text.size();
    const auto result = is_float ? std::from_chars(text.data(), end, token.float_value)
                                 : std::from_chars(text.data(), end, token.int_value);
    if (result.ec != std::errc() || result.ptr != end ||
        (pos_ < line_.size() && is_name(line_[pos_]))) {
      fail(begin, "'" + text + "' is not a number",
           "Integers fit in 64 bits; floats look like 1e-5 or 0.5");
    }
    return token;
  }

  Token read_name() {
    Token token = start(TokenKind::kName, pos_, pos_);
    while (pos_ < line_.size() && is_name(line_[pos_])) token.text += line_[pos_++];
    return token;
  }

  Token read_string(TokenKind kind, std::size_t token_begin) {
    const char quote = line_[pos_];
    const std::size_t open = pos_;
    Token token = start(kind, token_begin, pos_ + 1);
    for (++pos_; pos_ < line_.size() && line_[pos_] != quote; ++pos_) {
      char c = line_[pos_];
      if (c == '\\' && pos_ + 1 < line_.size()) {
        c = line_[++pos_];
        if (c == 'n') c = '\n';
        if (c == 't') c = '\t';
      }
      token.text += c;
    }
    if (pos_ >= line_.size())
      fail(open, "this string is not closed", std::string("Close it with ") + quote);
    ++pos_;
    return token;
  }

  Token read_weight() {
    const std::size_t begin = pos_++;
    Token token;
    if (pos_ < line_.size() && (line_[pos_] == '"' || line_[pos_] == '\'')) {
      token = read_string(TokenKind::kWeight, begin);
      token.quoted = true;
    } else {
      token = start(TokenKind::kWeight, begin, pos_);
      while (pos_ < line_.size() &&
             (is_name(line_[pos_]) || (line_[pos_] == '.' && pos_ + 1 < line_.size() &&
                                       is_name(line_[pos_ + 1]) && !token.text.empty()))) {
        token.text += line_[pos_++];
      }
      if (token.text.empty())
        fail(begin, "'$' must be followed by a tensor's name",
             "Write $weight or $\"layers.{i}.weight\"");
    }
    const bool coalesce = line_.substr(pos_, 2) == "??";
    if (!coalesce && pos_ < line_.size() && line_[pos_] == '?') {
      token.optional = true;
      ++pos_;
    }
    return token;
  }

  // Up to white space, a comma or a closing bracket outside braces.
  Token read_scope() {
    const std::size_t begin = pos_++;
    while (pos_ < line_.size() && is_space(line_[pos_])) ++pos_;
    Token token = start(TokenKind::kScope, begin, pos_);
    int braces = 0;
    for (; pos_ < line_.size(); ++pos_) {
      const char c = line_[pos_];
      if (c == '{') ++braces;
      if (c == '}') --braces;
      if (braces == 0 && (is_space(c) || c == ')' || c == ']' || c == ',')) break;
      token.text += c;
    }
    if (token.text.empty())
      fail(begin, "'@' must be followed by a scope", "Write @ encoder.layer.{i}");
    return token;
  }

  Token read_pattern() {
    Token token = start(TokenKind::kPattern, pos_, pos_);
    if (pos_ < line_.size() && (line_[pos_] == '"' || line_[pos_] == '\'')) {
      return read_string(TokenKind::kPattern, pos_);
    }
    while (pos_ < line_.size() && line_[pos_] != ')') token.text += line_[pos_++];
    while (!token.text.empty() && is_space(token.text.back())) token.text.pop_back();
    return token;
  }

  std::string_view line_;
  Spot at_;
  std::size_t pos_ = 0;
};

}  // namespace

std::vector<Token> tokenize(std::string_view line, Spot at) { return Lexer(line, at).run(); }

}  // namespace switchyard::recipe
