#include "stages/resolve/requests.h"

#include <optional>
#include <string>
#include <string_view>

#include "engine/error.h"
#include "stages/resolve/tables.h"

namespace switchyard {
namespace {

const Value* present(const Value& map, std::string_view key) {
  const Value* value = map.find(key);
  return value != nullptr && !value->is_null() ? value : nullptr;
}

[[noreturn]] void fail(std::string_view key, const Value& value, std::string_view wanted) {
  throw Error(ErrorKind::kModel, {},
              "the request's " + std::string(key) + " is " + kind_of(value) + ", not " +
                  std::string(wanted));
}

std::optional<std::string> text(const Value& map, std::string_view key) {
  const Value* value = present(map, key);
  if (value == nullptr) return {};
  if (!value->is_string()) fail(key, *value, "a string");
  return value->as_string();
}

const Value* section(const Value& request, std::string_view key) {
  const Value* value = present(request, key);
  if (value != nullptr && !value->is_map()) fail(key, *value, "an object");
  return value;
}

}  // namespace

ResolveRequest read_request(const Value& request) {
  ResolveRequest out;
  if (const Value* config = present(request, "config")) out.config = *config;
  out.model_id = text(request, "model_id");
  if (const Value* options = section(request, "options")) {
    out.options.task = text(*options, "task");
    out.options.model_type = text(*options, "model_type");
    out.options.model_class = text(*options, "model_class");
    out.options.library = text(*options, "library");
  }
  if (const Value* hub = section(request, "hub")) out.pipeline_tag = text(*hub, "pipeline_tag");
  return out;
}

}  // namespace switchyard
