// Splits one line of a recipe into tokens.
//
// Two places of the language are not made of ordinary tokens: a scope (`@ encoder.layer.{i}`) and
// the pattern of count (`count(layers.*)`). The lexer hands each over as one token, braces and all;
// the parser splits it (parser.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "stages/export/spot.h"

namespace switchyard::recipe {

enum class TokenKind {
  kInt,
  kFloat,
  kString,  // text: the contents, escapes resolved
  kName,
  kWeight,   // $a.b: text is the path; `quoted` when written $"..."; `optional` when followed by ?
  kScope,    // @ path: text is the path
  kPattern,  // what stands between the parentheses of count(...)
  kSymbol,   // operators and brackets
  kEnd,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string text;
  std::int64_t int_value = 0;
  double float_value = 0;
  bool quoted = false;
  bool optional = false;
  Spot spot;
  Spot text_spot;  // where `text` starts (behind `$`, `@` or a quote)
};

// `at` is the place of the first character of `line`. The last token is kEnd.
// Throws Error(kUsage) at the character that starts no token.
std::vector<Token> tokenize(std::string_view line, Spot at);

}  // namespace switchyard::recipe
