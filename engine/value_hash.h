// Hashing of Values, in step with their equality (1 and 1.0 are equal).
#pragma once

#include <cstddef>

#include "engine/value.h"

namespace switchyard {

std::size_t hash_value(const Value& value);

struct ValueHash {
  std::size_t operator()(const Value& value) const { return hash_value(value); }
};

}  // namespace switchyard
