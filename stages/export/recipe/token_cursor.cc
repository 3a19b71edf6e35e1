#include "stages/export/recipe/token_cursor.h"

#include <algorithm>

namespace switchyard::recipe {

const Token& TokenCursor::peek(std::size_t ahead) const {
  return tokens_[std::min(pos_ + ahead, tokens_.size() - 1)];
}

bool TokenCursor::at_symbol(std::string_view symbol, std::size_t ahead) const {
  return peek(ahead).kind == TokenKind::kSymbol && peek(ahead).text == symbol;
}

bool TokenCursor::at_word(std::string_view word, std::size_t ahead) const {
  return peek(ahead).kind == TokenKind::kName && peek(ahead).text == word;
}

bool TokenCursor::take_symbol(std::string_view symbol) {
  if (!at_symbol(symbol)) return false;
  ++pos_;
  return true;
}

bool TokenCursor::take_word(std::string_view word) {
  if (!at_word(word)) return false;
  ++pos_;
  return true;
}

void TokenCursor::expect_symbol(std::string_view symbol, std::string_view after) {
  if (!take_symbol(symbol)) {
    fail(peek(), "expected '" + std::string(symbol) + "' " + std::string(after) + ", found " +
                     describe(peek()));
  }
}

void TokenCursor::expect_end() {
  if (peek().kind != TokenKind::kEnd) {
    fail(peek(), "unexpected " + describe(peek()) + " after a complete expression");
  }
}

std::string TokenCursor::expect_name(std::string_view what) {
  if (peek().kind != TokenKind::kName || is_keyword(peek().text)) {
    fail(peek(), "expected " + std::string(what) + ", found " + describe(peek()));
  }
  return tokens_[pos_++].text;
}

void TokenCursor::fail(const Token& token, std::string what, std::string mend) {
  throw Error(ErrorKind::kUsage, token.spot.place(), std::move(what), std::move(mend));
}

std::string TokenCursor::describe(const Token& token) {
  switch (token.kind) {
    case TokenKind::kEnd:
      return "the end of the line";
    case TokenKind::kWeight:
      return "'$" + token.text + "'";
    case TokenKind::kScope:
      return "'@ " + token.text + "'";
    case TokenKind::kString:
      return "the string '" + token.text + "'";
    default:
      return "'" + token.text + "'";
  }
}

bool TokenCursor::is_keyword(std::string_view word) {
  for (std::string_view keyword : {"and", "or", "not", "in", "if", "else", "for", "true", "false",
                                   "null", "True", "False", "None", "return"}) {
    if (word == keyword) return true;
  }
  return false;
}

}  // namespace switchyard::recipe
