// A Resolution as JSON: what `inspect -f json`, `config` and build.json say of a model.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/value.h"
#include "stages/resolve/resolve.h"

namespace switchyard {

// The fields of an `inspect --jsonl` answer, then inputs, outputs, decisions and warnings.
Map resolution_json(const Resolution& resolution);

// Null where there is none.
Value optional_text(const std::optional<std::string>& text);

// [{"name", "dtype", "dims"}]; null where dtype or rank is not known.
Value io_json(const std::vector<TensorSpec>& specs);

// [{"name", "value", "rule", "place", "source"}]; null where no rule held.
Value decisions_json(const std::vector<Decision>& decisions);

}  // namespace switchyard
