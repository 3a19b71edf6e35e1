#include "engine/output.h"

namespace switchyard {

namespace {

const Value kNull;

// A value inside a sentence: lists as "a, b", nothing as "nothing".
std::string plain_text(const Value* value) {
  if (value == nullptr || value->is_null()) return "nothing";
  if (value->is_string()) return value->as_string();
  if (!value->is_list()) return value->to_json();
  std::string text;
  for (const Value& item : value->as_list()) {
    if (!text.empty()) text += ", ";
    text += plain_text(&item);
  }
  return text.empty() ? "nothing" : text;
}

const Value& or_null(const Value* value) { return value != nullptr ? *value : kNull; }

const Value& first_of(const Value& value) {
  if (!value.is_list()) return value;
  return value.as_list().empty() ? kNull : value.as_list().front();
}

}  // namespace

std::string Format::apply(const Facts& facts) const {
  std::string text;
  for (const Part& part : parts) {
    text += part.text;
    if (part.fact) text += plain_text(part.fact->read(facts));
  }
  return text;
}

Value Template::apply(const Facts& facts, const KnowledgeReader& knowledge) const {
  switch (kind) {
    case Kind::kLiteral:
      return literal;
    case Kind::kFact:
      return or_null(column.read(facts));
    case Kind::kFirst:
      return first_of(or_null(column.read(facts)));
    case Kind::kFormat:
      return Value(format.apply(facts));
    case Kind::kLookup: {
      const Value key = items[0].apply(facts, knowledge);
      std::optional<Value> row;
      if (key.is_string()) row = knowledge.row(table, key.as_string());
      if (key.is_int()) row = knowledge.row(table, std::to_string(key.as_int()));
      const Value* value = row ? &*row : nullptr;
      for (const Format& step : field) {
        if (value != nullptr) value = value->find_path(step.apply(facts));
      }
      if (value != nullptr && !value->is_null()) return *value;
      return items[1].apply(facts, knowledge);
    }
    case Kind::kList: {
      List list;
      list.reserve(items.size());
      for (const Template& item : items) list.push_back(item.apply(facts, knowledge));
      return Value(std::move(list));
    }
    case Kind::kMap: {
      Map map;
      map.reserve(items.size());
      for (std::size_t i = 0; i < items.size(); ++i) {
        map.set(keys[i], items[i].apply(facts, knowledge));
      }
      return Value(std::move(map));
    }
  }
  return {};
}

}  // namespace switchyard
