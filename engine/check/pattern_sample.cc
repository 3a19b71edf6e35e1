#include "engine/check/pattern_sample.h"

#include <algorithm>
#include <string_view>

#include "engine/pattern.h"

namespace switchyard {

namespace {

using Texts = std::vector<std::string>;
constexpr std::size_t kMost = 16;  // texts kept at any point
// Sampling takes time that grows with the square of the length.
constexpr std::size_t kLongestExpression = 1000;

void keep_few(Texts& texts) {
  if (texts.size() > kMost) texts.resize(kMost);
}

// Reads the common part of the syntax: literals, escapes, classes, groups, alternatives and
// repetitions. What it misreads is weeded out by trying the samples.
class Sampler {
 public:
  explicit Sampler(std::string_view expression) : rest_(expression) {}

  Texts alternatives() {
    Texts all = sequence();
    while (take('|')) {
      const Texts more = sequence();
      all.insert(all.end(), more.begin(), more.end());
    }
    keep_few(all);
    return all;
  }

 private:
  static constexpr int kDeepest = 20;

  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  Texts sequence() {
    Texts all{""};
    while (!rest_.empty() && rest_.front() != '|' && rest_.front() != ')') {
      const Texts items = repeated(atom());
      Texts longer;
      for (const std::string& item : items) {
        for (const std::string& text : all) longer.push_back(text + item);
      }
      keep_few(longer);
      all = std::move(longer);
    }
    return all;
  }

  Texts repeated(Texts once) {
    Texts all = std::move(once);
    if (take('*') || take('?')) {
      all.emplace_back();
    } else if (take('{')) {
      std::size_t count = 0;
      while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') {
        count =
            std::min<std::size_t>(count * 10 + static_cast<std::size_t>(rest_.front() - '0'), 100);
        rest_.remove_prefix(1);
      }
      rest_.remove_prefix(std::min(rest_.size(), rest_.find('}') + 1));
      for (std::string& text : all) {
        const std::string part = std::move(text);
        text.clear();
        for (std::size_t i = 0; i < count; ++i) text += part;
      }
    } else {
      take('+');
    }
    take('?');  // reluctant
    return all;
  }

  Texts atom() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    if (c == '^' || c == '$') return {""};
    if (c == '.') return {"a"};
    if (c == '[') return character_class();
    if (c == '\\') return escape();
    if (c != '(') return {std::string(1, c)};
    if (++depth_ > kDeepest) {
      rest_ = {};
      return {};
    }
    if (rest_.starts_with("?:")) {
      rest_.remove_prefix(2);
    } else if (rest_.starts_with("?i)")) {
      rest_.remove_prefix(3);
      return {""};
    } else if (rest_.starts_with("?P<")) {
      rest_.remove_prefix(std::min(rest_.size(), rest_.find('>') + 1));
    }
    Texts inside = alternatives();
    take(')');
    --depth_;
    return inside;
  }

  Texts escape() {
    if (rest_.empty()) return {};
    const char c = rest_.front();
    rest_.remove_prefix(1);
    switch (c) {
      case 'd':
        return {"0"};
      case 'w':
        return {"a"};
      case 's':
        return {" "};
      case 'b':
        return {""};
      default:
        return {std::string(1, c)};
    }
  }

  Texts character_class() {
    const bool negated = take('^');
    std::string members;
    while (!rest_.empty() && (rest_.front() != ']' || members.empty())) {
      members += rest_.front();
      rest_.remove_prefix(1);
    }
    take(']');
    if (negated) {
      for (const char c : {'a', '0', '_', '~'}) {
        if (members.find(c) == std::string::npos) return {std::string(1, c)};
      }
      return {};
    }
    if (members.starts_with("\\d")) return {"0"};
    return {members.empty() ? std::string() : members.substr(0, 1)};
  }

  std::string_view rest_;
  int depth_ = 0;
};

}  // namespace

std::vector<std::string> pattern_samples(const Pattern& pattern) {
  if (pattern.text().size() > kLongestExpression) return {};
  Texts texts = Sampler(pattern.text()).alternatives();
  std::erase_if(texts, [&](const std::string& text) { return !pattern.matches(text); });
  std::sort(texts.begin(), texts.end());
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
  // The longest says most about what the pattern is for.
  std::stable_sort(texts.begin(), texts.end(),
                   [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
  return texts;
}

}  // namespace switchyard
