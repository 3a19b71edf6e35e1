#include "engine/output_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "engine/error.h"
#include "tests/support/temporary_directory.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;

std::size_t entries(const fs::path& directory) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(directory), fs::directory_iterator()));
}

TEST(OutputFile, ReplacesTheWholeContentAndLeavesNothingElse) {
  TemporaryDirectory directory;
  write_text(directory / "a", "a longer text than the next");
  write_file_atomically(directory / "a", "new");
  EXPECT_EQ(read_text(directory / "a"), "new");
  EXPECT_EQ(entries(directory.path()), 1u);
}

TEST(OutputFile, AFailureLeavesTheOldFileAndNoDraft) {
  TemporaryDirectory directory;
  fs::create_directory(directory / "target");
  write_text(directory / "target/inside", "x");  // a directory in the way can't be replaced
  EXPECT_THROW(write_file_atomically(directory / "target", "new"), Error);
  EXPECT_EQ(entries(directory.path()), 1u);
  EXPECT_EQ(read_text(directory / "target/inside"), "x");
}

TEST(OutputFile, AParentThatIsAFileIsNamed) {
  TemporaryDirectory directory;
  write_text(directory / "file", "x");
  try {
    create_directory_for_output(directory / "file/below");
    FAIL() << "made a directory below a file";
  } catch (const Error& e) {
    EXPECT_EQ(e.exit_status(), 1);
    EXPECT_NE(std::string(e.what()).find("file/below"), std::string::npos) << e.what();
  }
}

TEST(OutputFile, PlacingLinksAndPlacingAgainChangesNothing) {
  TemporaryDirectory directory;
  write_text(directory / "from", "content");
  write_text(directory / "to", "old");
  place_file_atomically(directory / "from", directory / "to");
  EXPECT_TRUE(fs::equivalent(directory / "from", directory / "to"));
  place_file_atomically(directory / "from", directory / "to");
  EXPECT_EQ(read_text(directory / "to"), "content");
  EXPECT_EQ(entries(directory.path()), 2u);
}

TEST(OutputFile, ACopyIsItsOwnFileAndWritable) {
  TemporaryDirectory directory;
  write_text(directory / "from", "content");
  fs::permissions(directory / "from", fs::perms::owner_read);
  copy_file_atomically(directory / "from", directory / "to");
  EXPECT_FALSE(fs::equivalent(directory / "from", directory / "to"));
  struct stat status {};
  ASSERT_EQ(stat((directory / "to").c_str(), &status), 0);
  EXPECT_NE(status.st_mode & S_IWUSR, 0u);
}

TEST(OutputFile, WhatFailsWhileItIsWrittenLeavesNothing) {
  TemporaryDirectory directory;
  EXPECT_THROW(write_beside(directory / "model.onnx",
                            [](const fs::path& draft) {
                              write_text(draft, "half");
                              throw Error(ErrorKind::kModel, {}, "disk on fire");
                            }),
               Error);
  EXPECT_TRUE(fs::is_empty(directory.path()));
}

TEST(OutputFile, RewritingKeepsTheMode) {
  TemporaryDirectory directory;
  write_text(directory / "a.yaml", "old");
  ASSERT_EQ(chmod((directory / "a.yaml").c_str(), 0640), 0);
  rewrite_file_atomically(directory / "a.yaml", "new");
  EXPECT_EQ(read_text(directory / "a.yaml"), "new");
  struct stat after {};
  ASSERT_EQ(stat((directory / "a.yaml").c_str(), &after), 0);
  EXPECT_EQ(after.st_mode & 07777u, 0640u);
  EXPECT_EQ(entries(directory.path()), 1u);
}

TEST(OutputFile, RewritingGoesThroughALink) {
  TemporaryDirectory directory;
  write_text(directory / "a.yaml", "old");
  fs::create_symlink("a.yaml", directory / "link.yaml");
  rewrite_file_atomically(directory / "link.yaml", "new");
  EXPECT_TRUE(fs::is_symlink(directory / "link.yaml"));
  EXPECT_EQ(read_text(directory / "a.yaml"), "new");
}

TEST(OutputFile, RewritingNeedsTheFile) {
  TemporaryDirectory directory;
  EXPECT_THROW(rewrite_file_atomically(directory / "none.yaml", "new"), Error);
  EXPECT_TRUE(fs::is_empty(directory.path()));
}

}  // namespace
}  // namespace switchyard
