#include "tests/weights/torch_writer.h"

#include <minizip/zip.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <stdexcept>

namespace switchyard::torch {
namespace {

std::string little_endian(std::uint64_t number, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(number >> 8 * i & 0xFF);
  return text;
}

std::string numbers(const std::vector<std::int64_t>& from) {
  std::vector<std::string> items;
  for (const std::int64_t item : from) items.push_back(number(item));
  return tuple(items);
}

void check(bool done) {
  if (!done) throw std::runtime_error("the zip archive can't be written");
}

// What is all zeros is skipped, so that it takes no room on the disk.
uLong write_sparsely(void*, void* stream, const void* from, uLong size) {
  auto* const file = static_cast<FILE*>(stream);
  const auto* const bytes = static_cast<const char*>(from);
  if (size >= 4096 && std::all_of(bytes, bytes + size, [](char c) { return c == 0; })) {
    return fseeko(file, static_cast<off_t>(size), SEEK_CUR) == 0 ? size : 0;
  }
  return fwrite(from, 1, size, file);
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

ZipWriter::ZipWriter(const std::filesystem::path& file) {
  zlib_filefunc64_def functions;
  fill_fopen64_filefunc(&functions);
  functions.zwrite_file = write_sparsely;
  zip_ = zipOpen2_64(file.c_str(), APPEND_STATUS_CREATE, nullptr, &functions);
  check(zip_ != nullptr);
}
ZipWriter::~ZipWriter() { zipClose(zip_, nullptr); }

void ZipWriter::add(const std::string& name, std::string_view content, bool compressed) {
  check(zipOpenNewFileInZip64(zip_, name.c_str(), nullptr, nullptr, 0, nullptr, 0, nullptr,
                              compressed ? Z_DEFLATED : 0, Z_DEFAULT_COMPRESSION, 0) == ZIP_OK);
  check(zipWriteInFileInZip(zip_, content.data(), static_cast<unsigned>(content.size())) == ZIP_OK);
  check(zipCloseFileInZip(zip_) == ZIP_OK);
}

void ZipWriter::add_hole(const std::string& name, std::uint64_t bytes) {
  // Raw: no checksum is computed.
  check(zipOpenNewFileInZip4_64(zip_, name.c_str(), nullptr, nullptr, 0, nullptr, 0, nullptr, 0, 0,
                                1, 0, 0, 0, nullptr, 0, 0, 0,
                                bytes >= 0xFFFFFFFF ? 1 : 0) == ZIP_OK);
  const std::string zeros(1 << 20, '\0');
  for (std::uint64_t left = bytes; left > 0;) {
    const auto size = static_cast<unsigned>(std::min<std::uint64_t>(left, zeros.size()));
    check(zipWriteInFileInZip(zip_, zeros.data(), size) == ZIP_OK);
    left -= size;
  }
  check(zipCloseFileInZipRaw64(zip_, bytes, 0) == ZIP_OK);
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
