// Files as torch.save writes them, made in the test: pickles put together instruction by
// instruction, zip archives byte by byte.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace switchyard::torch {

// Instructions of a pickle of protocol 2.
std::string text(std::string_view text);
std::string number(std::int64_t number);
std::string global(std::string_view module, std::string_view name);
std::string tuple(const std::vector<std::string>& items);
std::string dict(const std::vector<std::pair<std::string, std::string>>& entries);
// `type`: "FloatStorage"; `key`: the entry data/KEY.
std::string storage(std::string_view type, std::string_view key, std::int64_t elements);
std::string tensor(const std::string& storage, std::int64_t first,
                   const std::vector<std::int64_t>& shape,
                   const std::vector<std::int64_t>& strides);
// The whole pickle that gives `body`.
std::string pickle(const std::string& body);

// A zip archive being written.
class ZipWriter {
 public:
  explicit ZipWriter(const std::filesystem::path& file);
  // Writes the directory.
  ~ZipWriter();
  ZipWriter(const ZipWriter&) = delete;

  void add(const std::string& name, std::string_view content, bool compressed = false);
  // That many zeros, not compressed and without a checksum, as a hole of the file.
  void add_hole(const std::string& name, std::uint64_t bytes);

 private:
  void add_header(const std::string& name, int method, std::uint32_t crc, std::uint64_t packed,
                  std::uint64_t bytes);

  std::ofstream file_;
  std::string directory_;
  std::uint64_t count_ = 0;
};

struct Entry {
  std::string name;  // below the root: "data/0"
  std::string content;
  bool compressed = false;
};

// ROOT/data.pkl, then the entries.
void write_torch(const std::filesystem::path& file, const std::string& pickle,
                 const std::vector<Entry>& entries);

// A state dict of contiguous tensors, each in a storage of its own.
struct Plain {
  std::string name;
  std::string storage_type;
  std::vector<std::int64_t> shape;
  std::string bytes;
};
void write_state_dict(const std::filesystem::path& file, const std::vector<Plain>& tensors);

}  // namespace switchyard::torch
