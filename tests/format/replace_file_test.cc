#include "engine/format/replace_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "engine/error.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;

class ReplaceFile : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("replace-" + std::to_string(getpid()));
    fs::create_directory(folder_);
    std::ofstream(folder_ / "a.yaml") << "old";
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string text(const fs::path& file) const {
    std::ifstream stream(file);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  std::size_t entries() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), {}));
  }

  fs::path folder_;
};

TEST_F(ReplaceFile, KeepsTheMode) {
  ASSERT_EQ(chmod((folder_ / "a.yaml").c_str(), 0640), 0);
  replace_file_text(folder_ / "a.yaml", "new");
  EXPECT_EQ(text(folder_ / "a.yaml"), "new");
  struct stat after {};
  ASSERT_EQ(stat((folder_ / "a.yaml").c_str(), &after), 0);
  EXPECT_EQ(after.st_mode & 07777u, 0640u);
  EXPECT_EQ(entries(), 1u);
}

TEST_F(ReplaceFile, WritesThroughALink) {
  fs::create_symlink("a.yaml", folder_ / "link.yaml");
  replace_file_text(folder_ / "link.yaml", "new");
  EXPECT_TRUE(fs::is_symlink(folder_ / "link.yaml"));
  EXPECT_EQ(text(folder_ / "a.yaml"), "new");
}

TEST_F(ReplaceFile, NamesWhatIsMissing) {
  EXPECT_THROW(replace_file_text(folder_ / "none.yaml", "new"), Error);
  EXPECT_EQ(entries(), 1u);
}

}  // namespace
}  // namespace switchyard
