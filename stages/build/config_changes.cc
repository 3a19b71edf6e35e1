#include "stages/build/config_changes.h"

#include <utility>

namespace switchyard {

Map config_changes(const Value& written, const Value& completed) {
  Map changes;
  if (!completed.is_map()) return changes;
  for (const auto& [key, value] : completed.as_map()) {
    const Value* own = written.find(key);
    if (own == nullptr) {
      changes.set(key, value);
    } else if (own->is_map() && value.is_map()) {
      if (Map inner = config_changes(*own, value); !inner.empty()) {
        changes.set(key, std::move(inner));
      }
    } else if (!(*own == value)) {
      changes.set(key, value);
    }
  }
  return changes;
}

Value with_changes(const Value& written, const Value& changes) {
  Map map = written.is_map() ? written.as_map() : Map{};
  if (!changes.is_map()) return map;
  for (const auto& [key, value] : changes.as_map()) {
    const Value* own = map.find(key);
    const bool both_maps = own != nullptr && own->is_map() && value.is_map();
    Value laid = both_maps ? with_changes(*own, value) : value;
    map.set(key, std::move(laid));
  }
  return map;
}

}  // namespace switchyard
