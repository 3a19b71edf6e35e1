#include "engine/live_rules.h"

#include <stdexcept>
#include <utility>

#include "engine/error.h"
#include "engine/rule_catalog.h"

namespace switchyard {
namespace {

// Also makes what load() leaves for the first use, so that no fault is found once it is in force.
std::shared_ptr<const RuleBook> load_whole(const RuleBookOptions& options) {
  auto book = RuleBook::load(options);
  if (options.base) book->catalog().check_knowledge(0);
  return book;
}

std::shared_ptr<const RuleBook> not_null(std::shared_ptr<const RuleBook> book) {
  if (book == nullptr) throw std::invalid_argument("LiveRules needs a rule book");
  return book;
}

}  // namespace

LiveRules::LiveRules(RuleBookOptions options)
    : options_(std::move(options)), current_(load_whole(*options_)) {}

LiveRules::LiveRules(std::shared_ptr<const RuleBook> book) : current_(not_null(std::move(book))) {}

std::shared_ptr<const RuleBook> LiveRules::current() const {
  const std::lock_guard lock(exchanging_);
  return current_;
}

void LiveRules::put_in_force(std::shared_ptr<const RuleBook> book) {
  // The old book, if nobody else holds it, ends behind the lock.
  {
    const std::lock_guard lock(exchanging_);
    current_.swap(book);
  }
}

bool LiveRules::reload(const RuleBookOptions& options) {
  const std::lock_guard lock(reloading_);
  RuleBookOptions kept = options;
  auto book = load_whole(options);
  const bool differs = book->digest() != current()->digest();
  options_ = std::move(kept);
  put_in_force(std::move(book));
  return differs;
}

bool LiveRules::reload() {
  RuleBookOptions options;
  {
    const std::lock_guard lock(reloading_);
    if (!options_) {
      throw Error(ErrorKind::kUsage, {}, "there are no rule files to load again",
                  "Name them: reload(options)");
    }
    options = *options_;
  }
  return reload(options);
}

void LiveRules::replace(std::shared_ptr<const RuleBook> book) {
  const std::lock_guard lock(reloading_);
  put_in_force(not_null(std::move(book)));
  options_.reset();
}

}  // namespace switchyard
