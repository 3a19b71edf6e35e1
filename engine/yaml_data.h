// What a YamlNode points to; for the two that build nodes: the YAML reader and the decoder of
// embedded rules.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "engine/yaml.h"

namespace switchyard {

struct YamlNode::Data {
  enum class Shape : std::uint8_t { kScalar, kList, kMap };

  std::shared_ptr<const std::string> file;
  int line = 0;
  int column = 0;
  Shape shape = Shape::kScalar;
  bool quoted = false;
  std::size_t nodes = 1;  // this one and all below, aliases expanded
  std::string text;
  std::vector<YamlNode> items;
  std::vector<YamlEntry> entries;

  // A scalar's is set when the node is built. That of a list or map is made when first asked for:
  // most of a rule file is only walked.
  const Value& plain_value() const;
  mutable Value value;
  mutable std::once_flag value_made;
};

}  // namespace switchyard
