// SHA-256.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace switchyard {

// Collects bytes; hex() ends it. Not thread-safe.
class Digest {
 public:
  Digest();
  ~Digest();
  void add(std::string_view bytes);
  // The bytes with their length before them, so that ("ab", "c") and ("a", "bc") differ.
  void add_field(std::string_view bytes);
  std::string hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace switchyard
