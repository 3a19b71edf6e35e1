#include "stages/workshop/directory_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

namespace switchyard {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

class Watch : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("watch-" + std::to_string(getpid()));
    fs::create_directories(folder_ / "rules/deep");
    write("rules/a.yaml");
    ASSERT_EQ(pipe(stop_.data()), 0);
  }
  void TearDown() override {
    close(stop_[0]);
    close(stop_[1]);
    fs::remove_all(folder_);
  }

  void write(const std::string& name, const std::string& text = "x: 1\n") const {
    std::ofstream(folder_ / name) << text;
  }

  // What the watch reports of an action that begins while it waits. An action that concerns nobody
  // is ended by the stop.
  std::vector<std::string> seen(const std::function<void()>& action, bool stops = false) {
    DirectoryWatch watch({folder_ / "rules"}, {".yaml", ".jsonl"});
    return seen(watch, action, stops);
  }
  std::vector<std::string> seen(DirectoryWatch& watch, const std::function<void()>& action,
                                bool stops = false) {
    std::jthread actor([&, this] {
      std::this_thread::sleep_for(milliseconds(20));
      action();
      if (stops) {
        std::this_thread::sleep_for(milliseconds(200));
        EXPECT_EQ(::write(stop_[1], "x", 1), 1);
      }
    });
    std::vector<std::string> paths;
    for (const fs::path& path : watch.wait(stop_[0])) {
      paths.push_back(path.lexically_relative(folder_).generic_string());
    }
    return paths;
  }

  fs::path folder_;
  std::array<int, 2> stop_{};
};

TEST_F(Watch, SeesWrittenNewAndRemovedFiles) {
  EXPECT_THAT(seen([&] { write("rules/a.yaml", "x: 2\n"); }), ElementsAre("rules/a.yaml"));
  EXPECT_THAT(seen([&] { write("rules/deep/b.yaml"); }), ElementsAre("rules/deep/b.yaml"));
  EXPECT_THAT(seen([&] { fs::remove(folder_ / "rules/deep/b.yaml"); }),
              ElementsAre("rules/deep/b.yaml"));
}

TEST_F(Watch, SeesEditorsThatWriteBesideAndRename) {
  EXPECT_THAT(seen([&] {
                write("rules/.a.yaml.swp");
                fs::rename(folder_ / "rules/.a.yaml.swp", folder_ / "rules/a.yaml");
              }),
              ElementsAre("rules/a.yaml"));
}

// How many there are depends on the machine; a watch without patience would report each write.
TEST_F(Watch, ABurstIsFewChanges) {
  constexpr int kWrites = 40;
  DirectoryWatch watch({folder_ / "rules"}, {".yaml"});
  const auto burst = [&] {
    for (int i = 0; i < kWrites; ++i) write(i % 2 == 0 ? "rules/a.yaml" : "rules/b.yaml");
  };
  EXPECT_THAT(seen(watch, burst), Contains("rules/a.yaml"));
  int changes = 1;
  while (!seen(
              watch, [] {}, true)
              .empty()) {
    ++changes;
  }
  EXPECT_LT(changes, kWrites / 2);
}

TEST_F(Watch, OtherFilesConcernNobody) {
  EXPECT_THAT(seen(
                  [&] {
                    write("rules/note.txt");
                    write("rules/.hidden.yaml");
                    write("rules/a.yaml~");
                  },
                  true),
              IsEmpty());
}

TEST_F(Watch, SeesFilesInFoldersMadeLater) {
  DirectoryWatch watch({folder_ / "rules"}, {".yaml"});
  EXPECT_THAT(seen(watch, [&] { fs::create_directories(folder_ / "rules/new/er"); }),
              Contains("rules/new"));
  EXPECT_THAT(seen(watch, [&] { write("rules/new/er/c.yaml"); }),
              ElementsAre("rules/new/er/c.yaml"));
  EXPECT_THAT(seen(watch, [&] { fs::rename(folder_ / "rules/new", folder_ / "rules/old"); }),
              ElementsAre("rules/new", "rules/old"));
  EXPECT_THAT(seen(watch, [&] { write("rules/old/er/c.yaml"); }),
              ElementsAre("rules/old/er/c.yaml"));
}

TEST_F(Watch, ADirectoryThatGoesIsLookedForUntilItIsBack) {
  DirectoryWatch watch({folder_ / "rules"}, {".yaml"});
  // On a slow machine the files in it are reported gone before it is.
  auto gone = seen(watch, [&] { fs::remove_all(folder_ / "rules"); });
  if (std::find(gone.begin(), gone.end(), "rules") == gone.end()) gone = seen(watch, [] {});
  EXPECT_THAT(gone, Contains("rules"));
  EXPECT_THAT(seen(watch, [&] { fs::create_directory(folder_ / "rules"); }), Contains("rules"));
  EXPECT_THAT(seen(watch, [&] { write("rules/d.yaml"); }), ElementsAre("rules/d.yaml"));
}

TEST_F(Watch, SaysWhatIsMissing) {
  try {
    DirectoryWatch watch({folder_ / "rules", folder_ / "none"}, {".yaml"});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUsage);
    EXPECT_EQ(error.place().file, (folder_ / "none").string());
  }
  const Error used_up = watch_error("rules", ENOSPC);
  EXPECT_EQ(used_up.kind(), ErrorKind::kModel);
  EXPECT_THAT(used_up.what(), testing::HasSubstr("max_user_watches"));
  EXPECT_THAT(watch_error("rules", EMFILE).what(), testing::HasSubstr("max_user_instances"));
}

}  // namespace
}  // namespace switchyard
