#include "engine/byte_codec.h"

#include <bit>

#include "engine/error.h"

namespace switchyard {

namespace {

constexpr int kMaxDepth = 200;  // deeper than any rule file may nest

}  // namespace

void fail_damaged_rules() {
  throw Error(ErrorKind::kUsage, {}, "the rules embedded in this program are damaged",
              "Build or install the program again");
}

void ByteWriter::fixed32(std::uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) bytes_ += static_cast<char>(value >> shift);
}

void ByteWriter::fixed64(std::uint64_t value) {
  fixed32(static_cast<std::uint32_t>(value));
  fixed32(static_cast<std::uint32_t>(value >> 32));
}

void ByteWriter::varint(std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>(value | 0x80);
  bytes_ += static_cast<char>(value);
}

void ByteWriter::zigzag(std::int64_t value) {
  varint((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
}

void ByteWriter::text(std::string_view text) {
  varint(text.size());
  raw(text);
}

// A byte for the kind (Value::Kind's number), then what the kind needs.
void ByteWriter::value(const Value& value) {
  bytes_ += static_cast<char>(value.kind());
  switch (value.kind()) {
    case Value::Kind::kNull:
      break;
    case Value::Kind::kBool:
      bytes_ += value.as_bool() ? '\1' : '\0';
      break;
    case Value::Kind::kInt:
      zigzag(value.as_int());
      break;
    case Value::Kind::kFloat:
      fixed64(std::bit_cast<std::uint64_t>(value.as_double()));
      break;
    case Value::Kind::kString:
      text(value.as_string());
      break;
    case Value::Kind::kList:
      varint(value.as_list().size());
      for (const Value& item : value.as_list()) this->value(item);
      break;
    case Value::Kind::kMap:
      varint(value.as_map().size());
      for (const Map::Entry& entry : value.as_map()) {
        text(entry.first);
        this->value(entry.second);
      }
      break;
  }
}

std::uint8_t ByteReader::byte() {
  if (at_ >= bytes_.size()) fail_damaged_rules();
  return static_cast<std::uint8_t>(bytes_[at_++]);
}

std::uint32_t ByteReader::fixed32() {
  const std::string_view bytes = raw(4);
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    value |= static_cast<std::uint32_t>(static_cast<std::uint8_t>(bytes[i])) << (8 * i);
  }
  return value;
}

std::uint64_t ByteReader::fixed64() {
  const std::uint64_t low = fixed32();
  return low | static_cast<std::uint64_t>(fixed32()) << 32;
}

std::uint64_t ByteReader::varint() {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    const std::uint8_t next = byte();
    value |= static_cast<std::uint64_t>(next & 0x7f) << shift;
    if (next < 0x80) return value;
  }
  fail_damaged_rules();
}

std::int64_t ByteReader::zigzag() {
  const std::uint64_t value = varint();
  return static_cast<std::int64_t>((value >> 1) ^ (0 - (value & 1)));
}

std::string_view ByteReader::raw(std::size_t size) {
  if (size > bytes_.size() - at_) fail_damaged_rules();
  const std::string_view bytes = bytes_.substr(at_, size);
  at_ += size;
  return bytes;
}

std::string_view ByteReader::text() { return raw(varint()); }

Value ByteReader::value(int depth) {
  if (depth > kMaxDepth) fail_damaged_rules();
  switch (static_cast<Value::Kind>(byte())) {
    case Value::Kind::kNull:
      return {};
    case Value::Kind::kBool:
      return Value(byte() != 0);
    case Value::Kind::kInt:
      return Value(zigzag());
    case Value::Kind::kFloat:
      return Value(std::bit_cast<double>(fixed64()));
    case Value::Kind::kString:
      return Value(text());
    case Value::Kind::kList: {
      List list;
      for (std::uint64_t left = varint(); left > 0; --left) list.push_back(value(depth + 1));
      return Value(std::move(list));
    }
    case Value::Kind::kMap: {
      Map map;
      for (std::uint64_t left = varint(); left > 0; --left) {
        std::string key(text());
        map.set(std::move(key), value(depth + 1));
      }
      return Value(std::move(map));
    }
  }
  fail_damaged_rules();
}

}  // namespace switchyard
