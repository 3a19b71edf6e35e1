// What the rules make of config.json (defaults laid under, second names of attributes, a count of
// labels), as a difference: so that a build configuration can record it without repeating
// config.json, and a replay reads the same values whatever has become of the rules.
#pragma once

#include "engine/value.h"

namespace switchyard {

// What `completed` has and `written` has not, or has otherwise; maps within maps likewise. Empty
// when there is nothing. `written` that is no map counts as an empty one.
Map config_changes(const Value& written, const Value& completed);

// The inverse: config_changes(w, c) laid over w is c.
Value with_changes(const Value& written, const Value& changes);

}  // namespace switchyard
