// What is fetched, and what is not.
#include "stages/hub/download.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/error.h"
#include "tests/hub/hub_server.h"
#include "tests/support/environment.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

class Counting : public DownloadObserver {
 public:
  void progress(const DownloadProgress& progress) override { last = progress; }
  DownloadProgress last;
};

class Download : public testing::Test {
 protected:
  DownloadReport download(HubScope scope, std::optional<std::string> variant = {}) {
    HubRequest request{.id = "org/m",
                       .variant = std::move(variant),
                       .scope = scope,
                       .cache = world.cache.path(),
                       .why = "is not there",
                       .user_agent = "test"};
    return download_model(*rules, request, observer);
  }
  std::string error(HubScope scope, std::optional<std::string> variant = {}) {
    try {
      download(scope, std::move(variant));
    } catch (const Error& e) {
      return e.what();
    }
    ADD_FAILURE() << "no Error was thrown";
    return {};
  }
  std::vector<std::string> snapshot_files() const {
    std::vector<std::string> names;
    const fs::path top = world.cache / "models--org--m" / "snapshots" / HubServer::kCommit;
    for (const auto& file : fs::recursive_directory_iterator(top)) {
      if (!file.is_directory()) names.push_back(file.path().lexically_relative(top).string());
    }
    return names;
  }
  void add(const std::string& file, const std::string& content = "{}") {
    world.server.add("org/m", file, content);
  }

  HubWorld world;
  Environment endpoint{"HF_ENDPOINT", world.server.endpoint()},
      token{"HF_TOKEN", HubServer::kToken}, offline{"HF_HUB_OFFLINE", ""},
      transformers{"TRANSFORMERS_OFFLINE", ""}, proxy{"no_proxy", "127.0.0.1"};
  std::shared_ptr<const RuleBook> rules = RuleBook::load({.overlays = {world.rules.path()}});
  Counting observer;
};

TEST_F(Download, ConfigurationIsAllThatDecidingNeeds) {
  add("config.json");
  add("README.md", "hello");
  add("tokenizer.json", "{\"a\": 1}");
  add("model.safetensors", std::string(100000, 'w'));
  const DownloadReport report = download(HubScope::kConfiguration);
  EXPECT_THAT(snapshot_files(), UnorderedElementsAre("config.json", "README.md"));
  EXPECT_EQ(report.commit, HubServer::kCommit);
  EXPECT_EQ(report.files, 2u);
  EXPECT_EQ(report.bytes_fetched, 7u);
  EXPECT_TRUE(world.server.log_of("safetensors").empty());
}

TEST_F(Download, ModelIsThatAndWhatTravelsWithItAndItsWeights) {
  for (const char* file :
       {"config.json", "tokenizer.json", "vocab.txt", "notes.txt", "onnx/m.onnx"}) {
    add(file, file);
  }
  add("model.safetensors", std::string(100000, 'w'));
  add("pytorch_model.bin", std::string(100001, 'w'));
  add("model.fp16.safetensors", std::string(100002, 'w'));
  add("tf_model.h5", "w");
  const DownloadReport report = download(HubScope::kModel);
  EXPECT_THAT(snapshot_files(), UnorderedElementsAre("config.json", "tokenizer.json", "vocab.txt",
                                                     "model.safetensors"));
  EXPECT_EQ(observer.last.files_done, report.files);
  EXPECT_EQ(observer.last.bytes_done, observer.last.bytes);
}

TEST_F(Download, WeightsByPreferenceAndVariant) {
  add("config.json");
  add("pytorch_model.bin", "bin");
  add("model.fp16.safetensors", "half");
  add("pytorch_model.fp16.bin", "half bin");
  download(HubScope::kModel);
  EXPECT_THAT(snapshot_files(), UnorderedElementsAre("config.json", "pytorch_model.bin"));
  download(HubScope::kModel, "fp16");
  EXPECT_THAT(snapshot_files(),
              UnorderedElementsAre("config.json", "pytorch_model.bin", "model.fp16.safetensors"));
  EXPECT_THAT(error(HubScope::kModel, "bf16"), HasSubstr("model.bf16.safetensors"));
}

TEST_F(Download, EveryShardOfAnIndex) {
  add("config.json");
  add("model.safetensors.index.json",
      R"({"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors"}})");
  add("model-1.safetensors", std::string(100000, '1'));
  add("model-2.safetensors", std::string(100000, '2'));
  add("model-3.safetensors", "of nothing");
  add("pytorch_model.bin", "bin");
  download(HubScope::kModel);
  EXPECT_THAT(snapshot_files(), UnorderedElementsAre("config.json", "model.safetensors.index.json",
                                                     "model-1.safetensors", "model-2.safetensors"));
  world.expect_sound_cache();
}

TEST_F(Download, AnIndexMayNotNameFilesElsewhereOrNowhere) {
  add("config.json");
  add("model.safetensors.index.json", R"({"weight_map": {"a": "../../../evil"}})");
  EXPECT_THAT(error(HubScope::kModel), HasSubstr("outside its directory"));
  EXPECT_THAT(snapshot_files(), ElementsAre("config.json"));
  add("model.safetensors.index.json", R"({"weight_map": {"a": "none.safetensors"}})");
  EXPECT_THAT(error(HubScope::kModel), HasSubstr("names the file none.safetensors"));
}

TEST_F(Download, EqualFilesAreFetchedOnce) {
  add("config.json", "{}");
  add("generation_config.json", "{}");
  download(HubScope::kConfiguration);
  EXPECT_THAT(snapshot_files(), UnorderedElementsAre("config.json", "generation_config.json"));
  EXPECT_EQ(world.server.log_of("hub GET /org/m/resolve").size(), 1u);
}

TEST_F(Download, AnEmptyFileIsAFile) {
  add("config.json");
  add("README.md", "");
  download(HubScope::kConfiguration);
  EXPECT_THAT(snapshot_files(), UnorderedElementsAre("config.json", "README.md"));
}

TEST_F(Download, TheTokenGoesToTheEndpointOnly) {
  add("config.json");
  add("model.safetensors", std::string(100000, 'w'));
  download(HubScope::kModel);
  std::size_t cdn = 0;
  for (const HubLogEntry& entry : world.server.log()) {
    SCOPED_TRACE(entry.text());
    if (entry.server == "cdn") ++cdn;
    EXPECT_EQ(entry.authorization,
              entry.server == "hub" ? "Bearer " + std::string(HubServer::kToken) : "");
  }
  EXPECT_GT(cdn, 0u);
}

TEST_F(Download, AFailureStopsTheOtherFiles) {
  add("config.json", "c");
  add("README.md", std::string(1000, 'r'));
  world.server.set_faults(R"([{"match": "GET .*README", "hold": 10},
                              {"match": "HEAD .*config.json", "status": 404}])");
  EXPECT_THAT(error(HubScope::kConfiguration), HasSubstr("config.json can't be downloaded"));
}

}  // namespace
}  // namespace switchyard
