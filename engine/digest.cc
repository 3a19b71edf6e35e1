#include "engine/digest.h"

#include <openssl/evp.h>

#include "engine/error.h"

namespace switchyard {

struct Digest::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~State() { EVP_MD_CTX_free(context); }
};

namespace {

void require(int done) {
  if (done != 1) throw Error(ErrorKind::kModel, {}, "SHA-256 is not available in this OpenSSL");
}

}  // namespace

Digest::Digest() : state_(std::make_unique<State>()) {
  require(state_->context != nullptr &&
          EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr) == 1);
}

Digest::~Digest() = default;

void Digest::add(std::string_view bytes) {
  require(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()));
}

void Digest::add_field(std::string_view bytes) {
  add(std::to_string(bytes.size()) + ':');
  add(bytes);
}

std::string Digest::hex() {
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  require(EVP_DigestFinal_ex(state_->context, bytes, &size));
  constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  for (unsigned int i = 0; i < size; ++i) {
    text += kHex[bytes[i] >> 4];
    text += kHex[bytes[i] & 15];
  }
  return text;
}

}  // namespace switchyard
