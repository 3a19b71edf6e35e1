#include "engine/pattern.h"

#include <re2/re2.h>

#include "engine/text.h"

namespace switchyard {

namespace {

std::string describe_fault(re2::RE2::ErrorCode code) {
  switch (code) {
    case re2::RE2::ErrorBadEscape:
    case re2::RE2::ErrorTrailingBackslash:
      return "an escape that means nothing";
    case re2::RE2::ErrorBadCharClass:
    case re2::RE2::ErrorBadCharRange:
    case re2::RE2::ErrorMissingBracket:
      return "a character class that is not well formed";
    case re2::RE2::ErrorMissingParen:
    case re2::RE2::ErrorUnexpectedParen:
      return "parentheses that do not pair";
    case re2::RE2::ErrorRepeatArgument:
    case re2::RE2::ErrorRepeatSize:
    case re2::RE2::ErrorRepeatOp:
      return "a repetition that is not allowed";
    case re2::RE2::ErrorBadPerlOp:
    case re2::RE2::ErrorBadNamedCapture:
      return "a group of an unknown kind (look-around and back references do not exist)";
    case re2::RE2::ErrorPatternTooLarge:
      return "it is too large";
    default:
      return "it is not well formed";
  }
}

}  // namespace

Pattern::Pattern(YamlNode source) : source_(std::move(source)) {}
Pattern::~Pattern() = default;

void Pattern::compile() const {
  std::call_once(compiled_, [this] {
    re2::RE2::Options options;
    options.set_log_errors(false);
    auto expression = std::make_unique<const re2::RE2>(source_.text(), options);
    if (!expression->ok()) {
      const std::string fragment = expression->error_arg();
      source_.fail("the regular expression " + Value(shorten(source_.text(), 80)).to_json() +
                       " is not valid: " + describe_fault(expression->error_code()) +
                       (fragment.empty() ? "" : " at " + Value(shorten(fragment, 40)).to_json()),
                   "Use the RE2 syntax");
    }
    expression_ = std::move(expression);
  });
}

bool Pattern::matches(std::string_view text) const {
  compile();
  return re2::RE2::FullMatch(re2::StringPiece(text.data(), text.size()), *expression_);
}

std::optional<std::pair<std::string, std::string>> Pattern::range() const {
  constexpr int kLongest = 64;
  compile();
  std::pair<std::string, std::string> range;
  // The range is of anchored matches; an expression with a free start has none.
  if (!expression_->PossibleMatchRange(&range.first, &range.second, kLongest)) return std::nullopt;
  return range;
}

}  // namespace switchyard
