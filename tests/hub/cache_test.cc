// The cache on disk: finding revisions in it, and writing into it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/error.h"
#include "stages/checkpoint/hub_cache.h"
#include "stages/checkpoint/weight_names.h"
#include "stages/hub/blob_draft.h"
#include "stages/hub/cache_entry.h"
#include "stages/hub/content_check.h"
#include "stages/hub/file_lock.h"
#include "tests/support/temporary_directory.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

const std::string kA = "aaaaaaaa11111111111111111111111111111111";
const std::string kB = "aaaaaaaa22222222222222222222222222222222";
const std::string kC = "cccccccc33333333333333333333333333333333";

TEST(HubRevision, IsABranchATagOrACommit) {
  TemporaryDirectory cache;
  const fs::path entry = cache / "models--org--name";
  for (const auto& commit : {kA, kB, kC})
    write_text(entry / "snapshots" / commit / "config.json", "{}");
  write_text(entry / "refs/main", kA);
  write_text(entry / "refs/v1", kB + "\n");
  write_text(entry / "refs/refs/pr/7", kC);
  write_text(entry / "refs/gone", "dddddddd44444444444444444444444444444444");
  write_text(entry / "refs/evil", "../../..");

  struct Case {
    std::optional<std::string> revision;
    std::optional<std::string> commit;  // nothing: none is found
    const char* said = "";
  };
  const Case kCases[] = {
      {{}, kA},
      {"main", kA},
      {"v1", kB},
      {"refs/pr/7", kC},
      {kC, kC},
      {"cccccccc", kC},
      {"ccccccc", kC},
      {"cccccc", {}, "without the revision cccccc"},
      {"aaaaaaaa", {}, "several snapshots that begin with aaaaaaaa"},
      {"aaaaaaaa2", kB},
      {"v2", {}, "Did you mean v1"},
      {"gone", {}, "not among the cache entry's snapshots"},
      {"evil", {}, "not among the cache entry's snapshots"},
      {"../../refs/main", {}, "without the revision"},
      {"/etc/passwd", {}, "without the revision"},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.revision.value_or("(none)"));
    const auto found = find_snapshot(entry, c.revision);
    if (c.commit) {
      ASSERT_TRUE(found);
      EXPECT_EQ(found->filename(), *c.commit);
      EXPECT_EQ(snapshot_of_entry(entry, c.revision), *found);
      continue;
    }
    EXPECT_FALSE(found);
    try {
      snapshot_of_entry(entry, c.revision);
      ADD_FAILURE() << "no Error was thrown";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kModel);
      EXPECT_THAT(error.what(), HasSubstr(c.said));
    }
  }
}

TEST(HubRevision, IsSafeAsAPath) {
  for (const char* good : {"main", "v1.0", "feature/x", "refs/pr/1", "a..b"}) {
    EXPECT_TRUE(is_hub_revision(good)) << good;
  }
  for (const char* bad :
       {"", "/main", "main/", "a//b", "..", "../x", "a/../b", ".", "a b", "a\nb", "a\\b"}) {
    EXPECT_FALSE(is_hub_revision(bad)) << bad;
  }
}

TEST(WeightNames, ShardsStayInTheirDirectory) {
  TemporaryDirectory directory;
  const fs::path index = directory / "model.safetensors.index.json";
  write_text(index, R"({"weight_map": {"b": "2.safetensors", "a": "1.safetensors",
                                       "c": "2.safetensors"}})");
  EXPECT_THAT(shards_of_index(index), ElementsAre("1.safetensors", "2.safetensors"));
  for (const char* text : {"{}", "[]", R"({"weight_map": []})", R"({"weight_map": {"a": 1}})",
                           R"({"weight_map": {"a": "../1"}})", R"({"weight_map": {"a": "/1"}})"}) {
    write_text(index, text);
    EXPECT_THROW(shards_of_index(index), Error) << text;
  }
}

TEST(WeightNames, AreWholeWithAllShards) {
  const std::vector<WeightNames> formats = {{"model.safetensors", "model.safetensors.index.json"},
                                            {"pytorch_model.bin", "pytorch_model.bin.index.json"}};
  TemporaryDirectory directory;
  EXPECT_FALSE(has_weights(directory.path(), formats));
  write_text(directory / "model.safetensors.index.json",
             R"({"weight_map": {"a": "1.safetensors", "b": "2.safetensors"}})");
  write_text(directory / "1.safetensors", "x");
  EXPECT_FALSE(has_weights(directory.path(), formats));
  write_text(directory / "2.safetensors", "x");
  EXPECT_TRUE(has_weights(directory.path(), formats));
  TemporaryDirectory other;
  write_text(other / "pytorch_model.bin", "x");
  EXPECT_TRUE(has_weights(other.path(), formats));
}

TEST(CacheEntry, IsLaidOutAsThePythonLibraryDoes) {
  TemporaryDirectory cache;
  const CacheEntry entry(cache.path() / "hub", "org/name");
  const fs::path top = cache / "hub/models--org--name";
  write_text(entry.blob("abc"), "12345");
  EXPECT_EQ(entry.blob("abc"), top / "blobs/abc");
  EXPECT_EQ(entry.lock("abc"), cache / "hub/.locks/models--org--name/abc.lock");
  EXPECT_TRUE(entry.has_blob("abc", 5));
  EXPECT_FALSE(entry.has_blob("abc", 6));
  EXPECT_FALSE(entry.has_blob("abd", 5));

  entry.link(kA, "config.json", "abc");
  entry.link(kA, "sub/dir/file", "abc");
  entry.link(kA, "sub/dir/file", "abc");
  EXPECT_EQ(fs::read_symlink(top / "snapshots" / kA / "config.json"), "../../blobs/abc");
  EXPECT_EQ(fs::read_symlink(top / "snapshots" / kA / "sub/dir/file"), "../../../../blobs/abc");
  EXPECT_EQ(read_text(top / "snapshots" / kA / "sub/dir/file"), "12345");
  write_text(entry.blob("new"), "new");
  entry.link(kA, "config.json", "new");
  EXPECT_EQ(read_text(top / "snapshots" / kA / "config.json"), "new");

  entry.set_ref("main", kA);
  entry.set_ref("feature/x", kB);
  entry.set_ref(kC, kC);
  EXPECT_EQ(read_text(top / "refs/main"), kA);
  EXPECT_EQ(read_text(top / "refs/feature/x"), kB);
  EXPECT_FALSE(fs::exists(top / "refs" / kC));
}

TEST(CacheEntry, SaysThatACacheCanNotBeWritten) {
  TemporaryDirectory directory;
  write_text(directory / "file", "");
  try {
    CacheEntry(directory / "file/hub", "org/name");
    ADD_FAILURE() << "no Error was thrown";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("HF_HUB_CACHE"));
  }
}

std::span<const std::byte> bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

TEST(BlobDraft, GoesOnWhereAnEarlierOneStopped) {
  TemporaryDirectory directory;
  const fs::path blob = directory / "abc";
  {
    BlobDraft draft(blob);
    draft.append(bytes("Hello, "));
  }
  EXPECT_FALSE(fs::exists(blob));
  EXPECT_EQ(read_text(directory / "abc.incomplete"), "Hello, ");
  BlobDraft draft(blob);
  EXPECT_EQ(draft.size(), 7u);
  draft.append(bytes("world"));
  draft.publish();
  EXPECT_EQ(read_text(blob), "Hello, world");
  EXPECT_FALSE(fs::exists(directory / "abc.incomplete"));
}

TEST(BlobDraft, StartsAnew) {
  TemporaryDirectory directory;
  BlobDraft draft(directory / "abc");
  draft.append(bytes("wrong and long"));
  draft.restart();
  draft.append(bytes("right"));
  draft.publish();
  EXPECT_EQ(read_text(directory / "abc"), "right");
}

TEST(BlobDraft, WritesThroughNoLink) {
  TemporaryDirectory directory;
  write_text(directory / "victim", "mine");
  fs::create_symlink(directory / "victim", directory / "abc.incomplete");
  EXPECT_THROW(BlobDraft(directory / "abc"), Error);
  EXPECT_EQ(read_text(directory / "victim"), "mine");
}

TEST(ContentCheck, KnowsTheEtagsOfTheHub) {
  TemporaryDirectory directory;
  write_text(directory / "f", "hello\n");
  struct Case {
    const char* etag;
    bool matches;
  };
  const Case kCases[] = {
      // sha256sum; git hash-object
      {"5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03", true},
      {"6891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03", false},
      {"ce013625030ba8dba906f756967f9e9ca394464a", true},
      {"de013625030ba8dba906f756967f9e9ca394464a", false},
      {"some-other-etag", true},
      {"d41d8cd98f00b204e9800998ecf8427e", true},  // MD5, as other stores give: not checked
  };
  for (const Case& c : kCases)
    EXPECT_EQ(content_matches(directory / "f", c.etag), c.matches) << c.etag;
  write_text(directory / "empty", "");
  EXPECT_TRUE(content_matches(directory / "empty", "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"));
}

TEST(FileLock, IsHeldByOneAtATime) {
  TemporaryDirectory directory;
  const fs::path file = directory / "abc.lock";
  std::atomic<bool> stop{false};
  bool waited = false;
  {
    const FileLock first(file, stop, [&] { waited = true; });
    EXPECT_FALSE(waited);
    // The second waits until it is told to stop.
    EXPECT_THROW(FileLock(file, stop,
                          [&] {
                            waited = true;
                            stop = true;
                          }),
                 Error);
    EXPECT_TRUE(waited);
  }
  stop = false;
  waited = false;
  const FileLock again(file, stop, [&] { waited = true; });
  EXPECT_FALSE(waited);
}

}  // namespace
}  // namespace switchyard
