// YAML trees with their places, in bytes.
#pragma once

#include <memory>
#include <string>

#include "engine/byte_codec.h"
#include "engine/yaml.h"

namespace switchyard {

void write_node(const YamlNode& node, ByteWriter& out);

// All nodes share `file`.
YamlNode read_node(ByteReader& in, const std::shared_ptr<const std::string>& file);

}  // namespace switchyard
