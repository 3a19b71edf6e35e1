// Numbers that the writer and the reader of rule blobs share; rule_blob.h describes the format.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/text.h"

namespace switchyard::blob {

constexpr std::string_view kMagic = "SWYRULES";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kDigestLength = 64;

constexpr std::uint32_t kKeysSaid = 1;
constexpr std::uint32_t kKeysFold = 2;

// FNV-1a, 32 bits; of the folded key where the table folds.
inline std::uint32_t hash_key(std::string_view key, bool folds) {
  std::uint32_t hash = 2166136261u;
  for (const char c : key) {
    hash = (hash ^ static_cast<std::uint8_t>(folds ? fold_char(c) : c)) * 16777619u;
  }
  return hash;
}

}  // namespace switchyard::blob
