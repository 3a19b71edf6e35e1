#include "engine/value_hash.h"

#include <cmath>
#include <functional>

namespace switchyard {

std::size_t hash_value(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::kNull:
      return 1;
    case Value::Kind::kBool:
      return value.as_bool() ? 3 : 2;
    case Value::Kind::kInt:
    case Value::Kind::kFloat: {
      const double number = value.as_double();
      return std::isnan(number) ? 4 : std::hash<double>{}(number);
    }
    case Value::Kind::kString:
      return std::hash<std::string_view>{}(value.as_string());
    case Value::Kind::kList: {
      std::size_t hash = 5;
      for (const Value& item : value.as_list()) hash = hash * 1'000'003 + hash_value(item);
      return hash;
    }
    case Value::Kind::kMap: {
      std::size_t hash = 6;  // a sum: the order of the keys does not matter
      for (const Map::Entry& entry : value.as_map()) {
        hash += std::hash<std::string_view>{}(entry.first) * 31 + hash_value(entry.second);
      }
      return hash;
    }
  }
  return 0;
}

}  // namespace switchyard
