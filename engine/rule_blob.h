// Rules in the compact form that is embedded in the program.
//
// Nothing is parsed at start: a decision table is decoded when it is first asked for, a row of a
// knowledge table is found and decoded by itself, and a recipe is a text.
//
//   header      "SWYRULES", u32 version, u32 size of the blob, 64 hex digits of the rules' digest,
//               u32 number of files, u32 number of documents
//   files       for each: u32 offset and u32 length of its name
//   documents   for each: u32 kind, offset and length of its name, file, first line, offset and
//               length of its payload
//   payloads    decision: its YAML tree with places (node_codec.cc)
//               recipe, block library: its text, with empty lines before it so that lines stay true
//               knowledge: u32 flags (1: `keys` is said, 2: keys fold), u32 number of rows; for
//               each row, sorted by hash: u32 FNV-1a of its (folded) key, u32 offset in the
//               payload; the rows in the order of the files: key, varints file, line and column,
//               varint length of the value, value (byte_codec.h)
//
// All numbers are little-endian; u32 is enough (the shipped rules are 3 MB). Documents of one
// knowledge table are one document here. The index is 8 bytes a row and costs no work at start; a
// perfect hash would save a few of the 11 steps of the search in 2,100 rows and need a generator.
// Rejected: mapping ready-made C++ structures (their layout would have to be frozen and relocated),
// and a general container (SQLite, FlatBuffers) for a format that no other program reads.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "engine/rule_layer.h"

namespace switchyard {

// The blob must outlive the layer. Throws Error(kUsage) when it is damaged or of another version.
std::unique_ptr<RuleLayer> make_blob_layer(std::span<const std::byte> blob);

// Writes the blob of a directory's rules, which must have been checked before. Throws Error(kUsage)
// with the place of a fault.
std::string write_rule_blob(const std::vector<RuleFile>& files);

}  // namespace switchyard
