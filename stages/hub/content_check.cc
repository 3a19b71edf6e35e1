#include "stages/hub/content_check.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <new>
#include <string_view>
#include <vector>

#include "engine/digest.h"
#include "engine/error.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

[[noreturn]] void fail(const fs::path& file) {
  throw Error(ErrorKind::kModel, Place{file.string()},
              std::string("can't be read: ") + std::strerror(errno));
}

// git hashes "blob SIZE", a zero byte, and the content.
std::string git_blob_hash(const fs::path& file) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> digest(EVP_MD_CTX_new(),
                                                                       EVP_MD_CTX_free);
  if (!digest || EVP_DigestInit_ex(digest.get(), EVP_sha1(), nullptr) != 1) throw std::bad_alloc();
  std::error_code error;
  const auto size = fs::file_size(file, error);
  std::ifstream stream(file, std::ios::binary);
  if (error || !stream) fail(file);
  std::string start = "blob " + std::to_string(size);
  start += '\0';
  EVP_DigestUpdate(digest.get(), start.data(), start.size());
  std::vector<char> piece(1 << 16);
  while (stream.read(piece.data(), static_cast<std::streamsize>(piece.size())),
         stream.gcount() > 0) {
    EVP_DigestUpdate(digest.get(), piece.data(), static_cast<std::size_t>(stream.gcount()));
  }
  if (stream.bad()) fail(file);
  unsigned char raw[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  EVP_DigestFinal_ex(digest.get(), raw, &length);
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (unsigned i = 0; i < length; ++i) {
    text += kDigits[raw[i] >> 4];
    text += kDigits[raw[i] & 15];
  }
  return text;
}

}  // namespace

bool content_matches(const fs::path& file, const std::string& etag) {
  constexpr std::size_t kSha256Digits = 64;
  constexpr std::size_t kSha1Digits = 40;
  if (!is_hex(etag)) return true;
  if (etag.size() == kSha256Digits) return sha256_of_file(file) == etag;
  if (etag.size() == kSha1Digits) return git_blob_hash(file) == etag;
  return true;
}

}  // namespace switchyard
