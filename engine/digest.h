// SHA-256 of bytes and files, through OpenSSL's libcrypto.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace switchyard {

// Collects bytes piece by piece. Not thread-safe; one digest per object.
class Sha256 {
 public:
  Sha256();
  Sha256(Sha256&&) noexcept;
  ~Sha256();

  void add(std::span<const std::byte> bytes);
  void add(std::string_view text);
  // The text with its length before it, so that ("ab", "c") and ("a", "bc") differ.
  void add_field(std::string_view text);
  // 64 lower-case hex digits. The object is spent afterwards.
  std::string hex();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

std::string sha256_hex(std::string_view text);
std::string sha256_hex(std::span<const std::byte> bytes);
// Reads the file in pieces, so that memory stays small whatever its size.
// Throws Error(kModel) when it can't be read.
std::string sha256_of_file(const std::filesystem::path& file);

}  // namespace switchyard
