// Walks the tokens of one line: looks ahead, takes what fits, complains at what does not.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "stages/export/recipe/lexer.h"

namespace switchyard::recipe {

class TokenCursor {
 public:
  // Throws Error(kUsage) where the text has no tokens.
  TokenCursor(std::string_view text, Spot at) : tokens_(tokenize(text, at)) {}

  // The kEnd token again and again past the end.
  const Token& peek(std::size_t ahead = 0) const;
  bool at_symbol(std::string_view symbol, std::size_t ahead = 0) const;
  bool at_word(std::string_view word, std::size_t ahead = 0) const;
  bool take_symbol(std::string_view symbol);
  bool take_word(std::string_view word);
  // `after`: what the symbol belongs to, for the message.
  void expect_symbol(std::string_view symbol, std::string_view after);
  void expect_end();
  // `what`: "a block's name".
  std::string expect_name(std::string_view what);

  [[noreturn]] static void fail(const Token& token, std::string what,
                                std::string mend = "See docs/recipes.md for the grammar");
  static std::string describe(const Token& token);
  static bool is_keyword(std::string_view word);

 protected:
  std::vector<Token> tokens_;
  std::size_t pos_ = 0;
};

}  // namespace switchyard::recipe
