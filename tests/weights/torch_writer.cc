#include "tests/weights/torch_writer.h"

#include <zlib.h>

#include <algorithm>

namespace switchyard::torch {
namespace {

std::string little_endian(std::uint64_t number, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i, number >>= 8) text += static_cast<char>(number & 0xFF);
  return text;
}

std::string numbers(const std::vector<std::int64_t>& from) {
  std::vector<std::string> items;
  for (const std::int64_t item : from) items.push_back(number(item));
  return tuple(items);
}

std::string deflated(std::string_view content) {
  std::string packed(compressBound(content.size()), '\0');
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

}  // namespace

std::string text(std::string_view text) {
  return "X" + little_endian(text.size(), 4) + std::string(text);
}
std::string number(std::int64_t number) {
  return "\x8a\x08" + little_endian(static_cast<std::uint64_t>(number), 8);
}
std::string global(std::string_view module, std::string_view name) {
  return "c" + std::string(module) + "\n" + std::string(name) + "\n";
}
std::string tuple(const std::vector<std::string>& items) {
  std::string all = "(";
  for (const std::string& item : items) all += item;
  return all + "t";
}
std::string dict(const std::vector<std::pair<std::string, std::string>>& entries) {
  std::string all = "}(";
  for (const auto& [key, value] : entries) all += text(key) + value;
  return all + "u";
}
std::string storage(std::string_view type, std::string_view key, std::int64_t elements) {
  return tuple({text("storage"), global("torch", type), text(key), text("cpu"), number(elements)}) +
         "Q";
}
std::string tensor(const std::string& storage, std::int64_t first,
                   const std::vector<std::int64_t>& shape,
                   const std::vector<std::int64_t>& strides) {
  return global("torch._utils", "_rebuild_tensor_v2") +
         tuple({storage, number(first), numbers(shape), numbers(strides), "\x89",
                global("collections", "OrderedDict") + ")R"}) +
         "R";
}
std::string pickle(const std::string& body) { return "\x80\x02" + body + "."; }

ZipWriter::ZipWriter(const std::filesystem::path& file) : file_(file, std::ios::binary) {}

ZipWriter::~ZipWriter() {
  const auto start = static_cast<std::uint64_t>(file_.tellp());
  const std::uint64_t end = start + directory_.size();
  file_ << directory_;
  const std::string count = little_endian(count_, 8);
  file_ << "PK\6\6" << little_endian(44, 8) << little_endian(45, 2) << little_endian(45, 2)
        << little_endian(0, 8) << count << count << little_endian(directory_.size(), 8)
        << little_endian(start, 8);
  file_ << "PK\6\7" << little_endian(0, 4) << little_endian(end, 8) << little_endian(1, 4);
  file_ << "PK\5\6" << little_endian(0, 4) << little_endian(0xFFFF, 2) << little_endian(0xFFFF, 2)
        << little_endian(0xFFFFFFFF, 4) << little_endian(0xFFFFFFFF, 4) << little_endian(0, 2);
}

void ZipWriter::add_header(const std::string& name, int method, std::uint32_t crc,
                           std::uint64_t packed, std::uint64_t bytes) {
  const auto local = static_cast<std::uint64_t>(file_.tellp());
  const auto head = [&](std::uint64_t extra_size) {
    const auto small = [](std::uint64_t value) {
      return little_endian(std::min<std::uint64_t>(value, 0xFFFFFFFF), 4);
    };
    return little_endian(45, 2) + little_endian(0, 2) + little_endian(method, 2) +
           little_endian(0, 4) + little_endian(crc, 4) + small(packed) + small(bytes) +
           little_endian(name.size(), 2) + little_endian(extra_size, 2);
  };
  file_ << "PK\3\4" << head(0) << name;
  std::string extra;
  for (const std::uint64_t value : {bytes, packed, local}) {
    if (value >= 0xFFFFFFFF) extra += little_endian(value, 8);
  }
  if (!extra.empty()) extra = little_endian(1, 2) + little_endian(extra.size(), 2) + extra;
  directory_ += "PK\1\2" + little_endian(45, 2) + head(extra.size()) + little_endian(0, 10) +
                little_endian(std::min<std::uint64_t>(local, 0xFFFFFFFF), 4) + name + extra;
  ++count_;
}

void ZipWriter::add(const std::string& name, std::string_view content, bool compressed) {
  const std::string packed = compressed ? deflated(content) : std::string(content);
  const auto crc = static_cast<std::uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(content.data()), static_cast<uInt>(content.size())));
  add_header(name, compressed ? Z_DEFLATED : 0, crc, packed.size(), content.size());
  file_ << packed;
}

void ZipWriter::add_hole(const std::string& name, std::uint64_t bytes) {
  add_header(name, 0, 0, bytes, bytes);
  file_.seekp(static_cast<std::streamoff>(bytes), std::ios::cur);
}

void write_torch(const std::filesystem::path& file, const std::string& pickle,
                 const std::vector<Entry>& entries) {
  ZipWriter zip(file);
  zip.add("archive/data.pkl", pickle);
  for (const Entry& entry : entries) zip.add("archive/" + entry.name, entry.content, entry.compressed);
  zip.add("archive/version", "3\n");
}

void write_state_dict(const std::filesystem::path& file, const std::vector<Plain>& tensors) {
  std::vector<std::pair<std::string, std::string>> values;
  std::vector<Entry> entries;
  for (const Plain& plain : tensors) {
    std::int64_t elements = 1;
    for (const std::int64_t size : plain.shape) elements *= size;
    std::vector<std::int64_t> strides(plain.shape.size(), 1);
    for (std::size_t i = plain.shape.size(); i-- > 1;) {
      strides[i - 1] = strides[i] * plain.shape[i];
    }
    const std::string key = std::to_string(entries.size());
    values.emplace_back(
        plain.name, tensor(storage(plain.storage_type, key, elements), 0, plain.shape, strides));
    entries.push_back({"data/" + key, plain.bytes});
  }
  write_torch(file, pickle(dict(values)), entries);
}

}  // namespace switchyard::torch
