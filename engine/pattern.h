// A regular expression of a rule, compiled when first used.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

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

 private:
  YamlNode source_;
  mutable std::once_flag compiled_;
  mutable std::unique_ptr<const re2::RE2> expression_;
};

}  // namespace switchyard
