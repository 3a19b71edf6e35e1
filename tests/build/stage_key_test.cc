#include "stages/build/stage_key.h"

#include <gtest/gtest.h>

#include "engine/error.h"
#include "tests/support/temporary_directory.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;

std::string key_of(std::initializer_list<std::pair<const char*, const char*>> pairs,
                   const char* version = "1") {
  StageKey key("export", version);
  for (const auto& [name, value] : pairs) key.add(name, std::string_view(value));
  return key.hex();
}

TEST(StageKey, SameReadingSameKey) {
  EXPECT_EQ(key_of({{"a", "1"}, {"b", "2"}}), key_of({{"a", "1"}, {"b", "2"}}));
  EXPECT_EQ(key_of({}).size(), 64u);
}

TEST(StageKey, EveryPartCounts) {
  const std::string key = key_of({{"a", "1"}});
  EXPECT_NE(key, key_of({{"a", "2"}}));
  EXPECT_NE(key, key_of({{"b", "1"}}));
  EXPECT_NE(key, key_of({{"a", "1"}}, "2"));
  EXPECT_NE(key, key_of({{"a", "1"}, {"", ""}}));
}

TEST(StageKey, PartsDoNotRunTogether) {
  EXPECT_NE(key_of({{"a", "bc"}}), key_of({{"ab", "c"}}));
  EXPECT_NE(key_of({{"a", "1:b"}}), key_of({{"a", ""}, {"b", ""}}));
}

WeightFile weight_file(const fs::path& path) {
  return {path, fs::file_size(path), "header-digest"};
}

TEST(WeightIdentity, TheHeaderFormSeesAnotherTimeSizeAndFile) {
  TemporaryDirectory directory;
  write_text(directory / "w", "0123456789");
  const std::string before = weight_identity(weight_file(directory / "w"), WeightDigest::kHeader);
  EXPECT_EQ(before, weight_identity(weight_file(directory / "w"), WeightDigest::kHeader));

  fs::last_write_time(directory / "w", fs::file_time_type::clock::now() + std::chrono::hours(1));
  EXPECT_NE(before, weight_identity(weight_file(directory / "w"), WeightDigest::kHeader));

  fs::copy_file(directory / "w", directory / "copy");
  EXPECT_NE(weight_identity(weight_file(directory / "w"), WeightDigest::kHeader),
            weight_identity(weight_file(directory / "copy"), WeightDigest::kHeader));
}

TEST(WeightIdentity, TheFullFormSeesTheContentOnly) {
  TemporaryDirectory directory;
  write_text(directory / "w", "0123456789");
  fs::copy_file(directory / "w", directory / "copy");
  EXPECT_EQ(weight_identity(weight_file(directory / "w"), WeightDigest::kFull),
            weight_identity(weight_file(directory / "copy"), WeightDigest::kFull));
  write_text(directory / "copy", "0123456780");
  EXPECT_NE(weight_identity(weight_file(directory / "w"), WeightDigest::kFull),
            weight_identity(weight_file(directory / "copy"), WeightDigest::kFull));
}

TEST(DataIdentity, SeesFilesComeAndGoAndChange) {
  TemporaryDirectory directory;
  write_text(directory / "data/0/a.png", "a");
  write_text(directory / "data/1/b.png", "b");
  const std::string before = data_identity(directory / "data");
  EXPECT_EQ(before, data_identity(directory / "data"));
  write_text(directory / "data/1/c.png", "c");
  EXPECT_NE(before, data_identity(directory / "data"));
  fs::remove(directory / "data/1/c.png");
  EXPECT_EQ(before, data_identity(directory / "data"));
  write_text(directory / "data/0/a.png", "longer");
  EXPECT_NE(before, data_identity(directory / "data"));
}

TEST(DataIdentity, OfWhatIsNotThereIsAnError) {
  EXPECT_THROW(data_identity("/nonexistent/data"), Error);
}

}  // namespace
}  // namespace switchyard
