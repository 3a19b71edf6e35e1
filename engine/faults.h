// Where the faults of rule files go while they are read: loading stops at the first, `rules check`
// collects them all and reads on without what is wrong. Build configurations and axes are read the
// same way.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "engine/error.h"

namespace switchyard {

struct Fault {
  Error error;
  std::string table;  // the decision, knowledge table or recipe; empty: a file as a whole
  std::string rule;   // the rule's id or the row's key; empty: the table as a whole
};

class Faults {
 public:
  void add(Error error) { list_.push_back({std::move(error), {}, {}}); }
  std::size_t size() const { return list_.size(); }
  const std::vector<Fault>& list() const { return list_; }

  // Whose faults the ones from `first` on are, where that is not said yet.
  void name_rule(std::size_t first, const std::string& id) { name(first, id, &Fault::rule); }
  void name_table(std::size_t first, const std::string& table) {
    name(first, table, &Fault::table);
  }

 private:
  void name(std::size_t first, const std::string& text, std::string Fault::*field) {
    for (std::size_t i = first; i < list_.size(); ++i) {
      if ((list_[i].*field).empty()) list_[i].*field = text;
    }
  }

  std::vector<Fault> list_;
};

// Runs `read`. An Error that it throws is collected; where nothing collects, it passes. Returns
// whether there was none.
template <typename Read>
bool attempt(Faults* faults, Read&& read) {
  if (faults == nullptr) {
    read();
    return true;
  }
  try {
    read();
    return true;
  } catch (const Error& error) {
    faults->add(error);
    return false;
  }
}

// Nothing when there are none. Throws the one there is, or one Error of the first one's kind that
// lists them all, a line each.
void throw_faults(const Faults& faults);

// How rule files are read.
struct ReadMode {
  // Compile regular expressions at once, so that a wrong one is a fault here; otherwise each is
  // compiled when it is first tried (for rules that were checked before).
  bool check_patterns = true;
  // Nothing: the first fault is thrown.
  Faults* faults = nullptr;
};

}  // namespace switchyard
