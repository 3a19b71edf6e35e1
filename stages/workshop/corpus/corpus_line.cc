#include "stages/workshop/corpus/corpus_line.h"

#include "engine/error.h"
#include "engine/json.h"

namespace switchyard {

std::optional<Value> read_corpus_line(std::string_view line) {
  try {
    Value value = parse_json(line, "request");
    if (value.is_map()) return value;
  } catch (const Error&) {  // no JSON
  }
  return {};
}

const Value& corpus_request(const Value& line) {
  const Value* nested = line.find("request");
  return nested != nullptr && nested->is_map() ? *nested : line;
}

std::string corpus_name(const Value& line, const std::string& file, std::size_t number) {
  const Value& request = corpus_request(line);
  for (const Value* name : {line.find("id"), line.find("name"), request.find("model_id")}) {
    if (name == nullptr || name->is_null()) continue;
    return name->is_string() ? name->as_string() : name->to_json();
  }
  return file + ":" + std::to_string(number);
}

}  // namespace switchyard
