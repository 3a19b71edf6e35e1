// Facts: what is known of one model while decisions are made. A named set of Values.
//
// A condition's column is a dotted path. The longest leading part that is the name of a fact wins,
// the rest is walked inside its value: with the facts "config" and "library.supported_tasks", the
// path "config.vision_config.image_size" walks a map and "library.supported_tasks" does not.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/value.h"

namespace switchyard {

// A fact's name, interned for the life of the process, so that evaluating compares integers.
using FactId = std::uint32_t;

// Thread-safe. The same text always gives the same id.
FactId fact_id(std::string_view name);
std::string_view fact_name(FactId id);

class Facts {
 public:
  void set(FactId id, Value value);
  void set(std::string_view name, Value value) { set(fact_id(name), std::move(value)); }
  void erase(std::string_view name);

  // Null when not set. A fact that is set to null is found, and is_null().
  const Value* get(FactId id) const;
  // By dotted path, as conditions see it.
  const Value* find(std::string_view path) const;

  // All facts that are set, by name order (for explanations and golden files).
  std::vector<std::pair<std::string_view, const Value*>> all() const;

 private:
  struct Slot {
    Value value;
    bool is_set = false;
  };
  std::vector<Slot> slots_;  // indexed by FactId
};

}  // namespace switchyard
