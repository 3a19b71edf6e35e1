#include "engine/digest.h"

#include <gtest/gtest.h>

#include "tests/checkpoint/fixtures.h"

namespace switchyard {
namespace {

// Examples of FIPS 180-4.
TEST(Sha256, KnownAnswers) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sha256, PiecesEqualTheWhole) {
  Sha256 digest;
  digest.add("a");
  digest.add("");
  digest.add("bc");
  EXPECT_EQ(digest.hex(), sha256_hex("abc"));
}

TEST(Sha256, FilesAreReadInPieces) {
  TemporaryDirectory directory;
  std::string content(3'000'001, 'x');
  content[2'000'000] = 'y';
  EXPECT_EQ(sha256_of_file(directory.write("f", content)), sha256_hex(content));
  EXPECT_EQ(sha256_of_file(directory.write("empty", "")), sha256_hex(""));
  EXPECT_NE(error_of([&] { sha256_of_file(directory.path() / "none"); }).find("none"),
            std::string::npos);
}

}  // namespace
}  // namespace switchyard
