// Lines of a corpus: requests as `inspect --jsonl` reads them, or objects with such a request under
// "request", as golden files have them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "engine/value.h"

namespace switchyard {

// Nothing for a line that is no JSON object.
std::optional<Value> read_corpus_line(std::string_view line);

// The request in a line; lives as long as the line's value.
const Value& corpus_request(const Value& line);

// What the line's model is called: its "id", else its "name", else its "model_id", else FILE:LINE.
std::string corpus_name(const Value& line, const std::string& file, std::size_t number);

}  // namespace switchyard
