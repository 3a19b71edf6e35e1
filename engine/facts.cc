#include "engine/facts.h"

#include <algorithm>
#include <deque>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <unordered_map>

namespace switchyard {

namespace {

// Names are never removed, and a deque does not move its elements: views into it stay valid.
struct NameTable {
  std::shared_mutex mutex;
  std::deque<std::string> names;
  std::unordered_map<std::string_view, FactId> ids;
};

NameTable& name_table() {
  static NameTable* table = new NameTable;  // outlives every static that still holds facts
  return *table;
}

// The id of a name that was interned before; nothing is interned.
bool known_fact(std::string_view name, FactId& id) {
  NameTable& table = name_table();
  std::shared_lock lock(table.mutex);
  const auto found = table.ids.find(name);
  if (found == table.ids.end()) return false;
  id = found->second;
  return true;
}

}  // namespace

FactId fact_id(std::string_view name) {
  FactId id = 0;
  if (known_fact(name, id)) return id;
  NameTable& table = name_table();
  std::unique_lock lock(table.mutex);
  const auto found = table.ids.find(name);
  if (found != table.ids.end()) return found->second;
  id = static_cast<FactId>(table.names.size());
  table.ids.emplace(table.names.emplace_back(name), id);
  return id;
}

std::string_view fact_name(FactId id) {
  NameTable& table = name_table();
  std::shared_lock lock(table.mutex);
  return table.names.at(id);
}

void Facts::set(FactId id, Value value) {
  if (id >= values_.size()) {
    values_.resize(id + 1);
    is_set_.resize(id + 1, 0);
  }
  values_[id] = std::move(value);
  is_set_[id] = 1;
}

void Facts::erase(std::string_view name) {
  FactId id = 0;
  if (!known_fact(name, id) || id >= values_.size()) return;
  values_[id] = Value();
  is_set_[id] = 0;
}

const Value* Facts::get(FactId id) const {
  return id < is_set_.size() && is_set_[id] ? &values_[id] : nullptr;
}

const Value* Facts::find(std::string_view path) const {
  std::string_view name = path;
  while (true) {
    FactId id = 0;
    if (known_fact(name, id)) {
      if (const Value* value = get(id)) {
        return name.size() == path.size() ? value : value->find_path(path.substr(name.size() + 1));
      }
    }
    const std::size_t dot = name.rfind('.');
    if (dot == std::string_view::npos) return nullptr;
    name = name.substr(0, dot);
  }
}

std::vector<std::pair<std::string_view, const Value*>> Facts::all() const {
  std::vector<std::pair<std::string_view, const Value*>> facts;
  for (FactId id = 0; id < values_.size(); ++id) {
    if (is_set_[id]) facts.emplace_back(fact_name(id), &values_[id]);
  }
  std::sort(facts.begin(), facts.end());
  return facts;
}

}  // namespace switchyard
