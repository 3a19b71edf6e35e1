// `inspect --jsonl`: requests and answers as lines of JSON.

#include <cmath>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "engine/error.h"
#include "engine/json.h"
#include "engine/text.h"
#include "engine/value.h"
#include "stages/resolve/chain.h"
#include "stages/resolve/requests.h"
#include "stages/resolve/resolve.h"
#include "stages/resolve/tables.h"

namespace switchyard {
namespace {

std::string answer(const Value& id, const Resolution* resolution, const Value& error) {
  Map map;
  map.reserve(12);
  map.set("id", id);
  const auto text = [&](const char* key, const auto& get) {
    map.set(key, resolution != nullptr ? get(*resolution) : Value());
  };
  const auto optional = [](const std::optional<std::string>& value) {
    return value ? Value(*value) : Value();
  };
  text("task", [](const Resolution& r) { return Value(r.task); });
  text("optimum_task", [](const Resolution& r) { return Value(r.optimum_task); });
  text("model_class", [](const Resolution& r) { return Value(r.model_class); });
  text("source", [](const Resolution& r) { return Value(r.source); });
  text("library", [](const Resolution& r) { return Value(r.library); });
  text("composite", [](const Resolution& r) { return r.composite; });
  text("model_type", [](const Resolution& r) { return Value(r.model_type); });
  text("onnx_config", [&](const Resolution& r) { return optional(r.onnx_config); });
  text("recipe", [&](const Resolution& r) { return optional(r.recipe); });
  text("warnings", [](const Resolution& r) {
    List list;
    for (const std::string& warning : r.warnings) list.emplace_back(warning);
    return Value(std::move(list));
  });
  map.set("error", error);
  return Value(std::move(map)).to_json();
}

std::string at_line(std::size_t line_number, std::string_view what) {
  return "line " + std::to_string(line_number) + ": " + std::string(what);
}

// Numbers that JSON can't say come back as null.
Value echoed(const Value* id) {
  if (id == nullptr || (id->is_float() && !std::isfinite(id->as_double()))) return {};
  return *id;
}

std::string sentence(const Error& error) {
  std::string text = error.message();
  if (!error.mend().empty()) text += ". " + error.mend();
  return text;
}

}  // namespace

std::string answer_json_line(const RuleBook& rules, std::string_view line,
                             std::size_t line_number) {
  Value id;
  try {
    Value request;
    try {
      request = parse_json(line, "request");
    } catch (const Error& error) {
      const std::string column =
          error.place().column > 0 ? " at column " + std::to_string(error.place().column) : "";
      return answer({}, nullptr, at_line(line_number, error.message() + column));
    }
    if (!request.is_map()) {
      return answer({}, nullptr,
                    at_line(line_number, "a request is an object, this is " + kind_of(request)));
    }
    id = echoed(request.find("id"));
    const ResolveRequest parsed = read_request(request);
    const Resolution resolution = Chain(rules, parsed).run(/*with_plan=*/false);
    return answer(id, &resolution, {});
  } catch (const Error& error) {
    return answer(id, nullptr, sentence(error));
  } catch (const std::exception&) {
    return answer(id, nullptr, at_line(line_number, "this request can't be processed"));
  }
}

}  // namespace switchyard
