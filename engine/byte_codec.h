// Bytes of the embedded rules: a writer, and a reader that never reads beyond its end.
//
// Fixed numbers are little-endian. Lengths and counts are varints: seven bits a byte, low bits
// first, the high bit says that more follow; signed numbers are zigzag varints (0, -1, 1, -2, ...).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engine/value.h"

namespace switchyard {

class ByteWriter {
 public:
  void fixed32(std::uint32_t value);
  void fixed64(std::uint64_t value);
  void varint(std::uint64_t value);
  void zigzag(std::int64_t value);
  void raw(std::string_view bytes) { bytes_ += bytes; }
  void text(std::string_view text);  // with its length before it
  void value(const Value& value);

  std::size_t size() const { return bytes_.size(); }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

// Throws Error(kUsage) "the embedded rules are damaged" where the bytes end too early.
class ByteReader {
 public:
  ByteReader() = default;
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  std::uint32_t fixed32();
  std::uint64_t fixed64();
  std::uint64_t varint();
  std::int64_t zigzag();
  std::string_view raw(std::size_t size);
  std::string_view text();
  Value value() { return value(0); }

  bool at_end() const { return at_ == bytes_.size(); }

 private:
  std::uint8_t byte();
  Value value(int depth);

  std::string_view bytes_;
  std::size_t at_ = 0;
};

[[noreturn]] void fail_damaged_rules();

}  // namespace switchyard
