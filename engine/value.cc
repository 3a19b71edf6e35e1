#include "engine/value.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>

namespace switchyard {

namespace {

// Below this a scan of the entries beats hashing the key.
constexpr std::size_t kHashedFrom = 16;

}  // namespace

Map::Map(std::initializer_list<Entry> entries) {
  reserve(entries.size());
  for (const Entry& entry : entries) set(entry.first, entry.second);
}

std::size_t Map::position(std::string_view key) const {
  if (slots_.empty()) {
    const auto found = std::find_if(entries_.begin(), entries_.end(),
                                    [&](const Entry& entry) { return entry.first == key; });
    return static_cast<std::size_t>(found - entries_.begin());
  }
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t slot = std::hash<std::string_view>{}(key)&mask; slots_[slot] != 0;
       slot = (slot + 1) & mask) {
    if (entries_[slots_[slot] - 1].first == key) return slots_[slot] - 1;
  }
  return entries_.size();
}

void Map::claim_slot(std::size_t position) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = std::hash<std::string_view>{}(entries_[position].first) & mask;
  while (slots_[slot] != 0) slot = (slot + 1) & mask;
  slots_[slot] = static_cast<std::uint32_t>(position + 1);
}

void Map::rebuild_slots() {
  slots_.clear();
  if (entries_.size() < kHashedFrom) return;
  std::size_t size = 4 * kHashedFrom;
  while (size < 2 * std::max(entries_.size(), entries_.capacity())) size *= 2;
  slots_.assign(size, 0);
  for (std::size_t i = 0; i < entries_.size(); ++i) claim_slot(i);
}

const Value* Map::find(std::string_view key) const {
  const std::size_t at = position(key);
  return at < entries_.size() ? &entries_[at].second : nullptr;
}

void Map::set(std::string key, Value value) {
  const std::size_t at = position(key);
  if (at < entries_.size()) {
    entries_[at].second = std::move(value);
    return;
  }
  entries_.emplace_back(std::move(key), std::move(value));
  if (slots_.empty() ? entries_.size() >= kHashedFrom : 2 * entries_.size() > slots_.size()) {
    rebuild_slots();
  } else if (!slots_.empty()) {
    claim_slot(at);
  }
}

void Map::erase(std::string_view key) {
  const std::size_t at = position(key);
  if (at == entries_.size()) return;
  entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(at));
  rebuild_slots();
}

void Map::reserve(std::size_t size) { entries_.reserve(size); }
std::size_t Map::size() const { return entries_.size(); }
bool Map::empty() const { return entries_.empty(); }
std::vector<Map::Entry>::const_iterator Map::begin() const { return entries_.begin(); }
std::vector<Map::Entry>::const_iterator Map::end() const { return entries_.end(); }

bool operator==(const Map& a, const Map& b) {
  if (a.size() != b.size()) return false;
  return std::all_of(a.begin(), a.end(), [&](const Map::Entry& entry) {
    const Value* other = b.find(entry.first);
    return other != nullptr && *other == entry.second;
  });
}

Value::Value(List list) : data_(std::make_shared<const List>(std::move(list))) {}
Value::Value(Map map) : data_(std::make_shared<const Map>(std::move(map))) {}

double Value::as_double() const {
  return is_int() ? static_cast<double>(as_int()) : std::get<double>(data_);
}

const Value* Value::find(std::string_view key) const {
  return is_map() ? as_map().find(key) : nullptr;
}

const Value* Value::find_path(std::string_view dotted) const {
  const Value* at = this;
  while (!dotted.empty() && at != nullptr) {
    const std::size_t dot = dotted.find('.');
    const std::string_view step = dotted.substr(0, dot);
    dotted = dot == std::string_view::npos ? std::string_view{} : dotted.substr(dot + 1);
    if (at->is_list()) {
      std::size_t index = 0;
      const char* end = step.data() + step.size();
      const auto [stop, fault] = std::from_chars(step.data(), end, index);
      const List& list = at->as_list();
      at = fault == std::errc{} && stop == end && index < list.size() ? &list[index] : nullptr;
    } else {
      at = at->find(step);
    }
  }
  return at;
}

bool operator==(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) {
    if (a.is_int() && b.is_int()) return a.as_int() == b.as_int();
    const double x = a.as_double(), y = b.as_double();
    return x == y || (std::isnan(x) && std::isnan(y));
  }
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Value::Kind::kBool:
      return a.as_bool() == b.as_bool();
    case Value::Kind::kString:
      return a.as_string() == b.as_string();
    case Value::Kind::kList:
      return &a.as_list() == &b.as_list() || a.as_list() == b.as_list();
    case Value::Kind::kMap:
      return &a.as_map() == &b.as_map() || a.as_map() == b.as_map();
    default:
      return true;  // both null; numbers were compared above
  }
}

std::string_view Value::kind_name() const {
  constexpr std::string_view kNames[] = {"null",   "boolean", "integer", "float",
                                         "string", "list",    "map"};
  return kNames[static_cast<std::size_t>(kind())];
}

}  // namespace switchyard
