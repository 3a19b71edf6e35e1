// LiveRules: rules that can be exchanged while others decide by them (hot reload).
//
//   LiveRules rules({.overlays = {"my-rules"}});
//   ...
//   auto book = rules.current();        // in any thread; holds while `book` lives
//   book->decide("access", facts);
//   ...
//   rules.reload({.overlays = {"my-rules"}});   // when the files have changed
#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include "engine/rule_book.h"

namespace switchyard {

// Thread-safe.
class LiveRules {
 public:
  // Throws Error(kUsage) as RuleBook::load does.
  explicit LiveRules(RuleBookOptions options = {});
  // `book` must not be null.
  explicit LiveRules(std::shared_ptr<const RuleBook> book);

  LiveRules(const LiveRules&) = delete;
  LiveRules& operator=(const LiveRules&) = delete;

  // The rules in force. Take them once for decisions that belong together: the next call may give
  // other ones, and these stay as they are for as long as someone holds them.
  std::shared_ptr<const RuleBook> current() const;

  // Loads anew and puts the new rules in force. Throws Error(kUsage) for the first fault in any of
  // their tables; the rules in force are then the ones from before. Does not wait for those who
  // decide, nor they for it; of two reloads at the same time one waits for the other. Returns
  // whether the new rules differ from the old ones.
  bool reload(const RuleBookOptions& options);
  // As the last time: from the options that were last loaded without a fault. Throws Error(kUsage)
  // as above, and where there are no options because the rules were given as a book.
  bool reload();

  // Puts a book in force that was made elsewhere; not null.
  void replace(std::shared_ptr<const RuleBook> book);

 private:
  void put_in_force(std::shared_ptr<const RuleBook> book);

  std::mutex reloading_;  // held for as long as a load takes
  std::optional<RuleBookOptions> options_;

  mutable std::mutex exchanging_;  // held for a pointer's copy
  std::shared_ptr<const RuleBook> current_;
};

}  // namespace switchyard
