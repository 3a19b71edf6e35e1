// A column: the dotted path of a fact, resolved once so that reading it compares integers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/facts.h"
#include "engine/value.h"

namespace switchyard {

class Column {
 public:
  Column() = default;
  explicit Column(std::string_view path);

  const std::string& path() const { return path_; }
  // As Facts::find(path()): null when the fact is not set.
  const Value* read(const Facts& facts) const {
    for (const Reading& reading : readings_) {
      if (const Value* value = facts.get(reading.fact)) {
        return reading.rest.empty() ? value : value->find_path(reading.rest);
      }
    }
    return nullptr;
  }

 private:
  // A leading part of the path that may be the name of a fact, and what is left to walk.
  struct Reading {
    FactId fact;
    std::string rest;
  };

  std::string path_;
  std::vector<Reading> readings_;  // longest leading part first
};

}  // namespace switchyard
