// A regular expression of a rule, compiled when first used.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "engine/yaml.h"

namespace re2 {
class RE2;
}

namespace switchyard {

// Matches the whole of a text (RE2::FullMatch): write .* where any text may stand. Thread-safe.
class Pattern {
 public:
  // `source` is the scalar that holds the expression.
  explicit Pattern(YamlNode source);
  ~Pattern();

  // Throws Error(kUsage) at the scalar when the expression is not valid.
  void compile() const;
  bool matches(std::string_view text) const;

  // As written, and where.
  const std::string& text() const { return source_.text(); }
  const YamlNode& source() const { return source_; }
  // Every text that matches sorts between these two (bytewise, both included); nothing where that
  // can't be told.
  std::optional<std::pair<std::string, std::string>> range() const;

 private:
  YamlNode source_;
  mutable std::once_flag compiled_;
  mutable std::unique_ptr<const re2::RE2> expression_;
};

}  // namespace switchyard
