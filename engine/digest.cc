#include "engine/digest.h"

#include <fcntl.h>
#include <unistd.h>

// The low-level functions: a static libcrypto gives just them, where EVP brings every algorithm and
// 20,000 relocations, 5 ms of every start.
#define OPENSSL_API_COMPAT 0x10101000L
#include <openssl/sha.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include "engine/error.h"

namespace switchyard {

struct Sha256::Impl {
  SHA256_CTX context;
};

Sha256::Sha256() : impl_(std::make_unique<Impl>()) {
  SHA256_Init(&impl_->context);
}
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256::~Sha256() = default;

void Sha256::add(std::span<const std::byte> bytes) {
  SHA256_Update(&impl_->context, bytes.data(), bytes.size());
}

void Sha256::add(std::string_view text) { add(std::as_bytes(std::span(text))); }

void Sha256::add_field(std::string_view text) {
  add(std::to_string(text.size()) + ':');
  add(text);
}

std::string Sha256::hex() {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> raw;
  SHA256_Final(raw.data(), &impl_->context);
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * raw.size());
  for (const unsigned char byte : raw) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::string sha256_hex(std::string_view text) { return sha256_hex(std::as_bytes(std::span(text))); }

std::string sha256_hex(std::span<const std::byte> bytes) {
  Sha256 digest;
  digest.add(bytes);
  return digest.hex();
}

std::string sha256_of_file(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  const auto fail = [&] {
    const std::string why = std::strerror(errno);
    if (fd >= 0) ::close(fd);
    throw Error(ErrorKind::kModel, Place{file.string()}, "can't be read: " + why);
  };
  if (fd < 0) fail();
  std::vector<std::byte> piece(1 << 20);
  Sha256 digest;
  for (;;) {
    const ssize_t got = ::read(fd, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail();
    if (got == 0) break;
    digest.add(std::span(piece).first(static_cast<std::size_t>(got)));
  }
  ::close(fd);
  return digest.hex();
}

}  // namespace switchyard
