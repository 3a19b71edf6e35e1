#include "engine/digest.h"

// The low-level functions: a static libcrypto gives just them, where EVP brings every algorithm and
// 20,000 relocations, 5 ms of every start.
#define OPENSSL_API_COMPAT 0x10101000L
#include <openssl/sha.h>

#include "engine/error.h"

namespace switchyard {

struct Digest::State {
  SHA256_CTX context;
};

namespace {

void require(int done) {
  if (done != 1) throw Error(ErrorKind::kModel, {}, "SHA-256 is not available in this OpenSSL");
}

}  // namespace

Digest::Digest() : state_(std::make_unique<State>()) { require(SHA256_Init(&state_->context)); }

Digest::~Digest() = default;

void Digest::add(std::string_view bytes) {
  require(SHA256_Update(&state_->context, bytes.data(), bytes.size()));
}

void Digest::add_field(std::string_view bytes) {
  add(std::to_string(bytes.size()) + ':');
  add(bytes);
}

std::string Digest::hex() {
  unsigned char bytes[SHA256_DIGEST_LENGTH];
  require(SHA256_Final(bytes, &state_->context));
  constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : bytes) {
    text += kHex[byte >> 4];
    text += kHex[byte & 15];
  }
  return text;
}

}  // namespace switchyard
