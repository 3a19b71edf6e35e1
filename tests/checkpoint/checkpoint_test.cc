#include "stages/checkpoint/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stages/checkpoint/hub_cache.h"
#include "stages/checkpoint/model_card.h"
#include "tests/checkpoint/fixtures.h"
#include "tests/support/environment.h"

namespace switchyard {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kLfs = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n";

TEST(FindModel, ReadsADirectoryOrItsConfig) {
  TemporaryDirectory directory;
  directory.write("m/config.json", "\xEF\xBB\xBF{\"model_type\": \"x\",\r\n \"a\": Infinity}");
  directory.write("m/preprocessor_config.json", "{\"size\": 3}");
  directory.write("m/README.md", "---\ntags: [a]\npipeline_tag: image-classification\n---\n# Hi\n");
  for (const auto& path : {directory.path() / "m", directory.path() / "m/config.json"}) {
    const ModelSource source = find_model(path.string());
    EXPECT_EQ(source.directory, directory.path() / "m");
    EXPECT_EQ(source.config_file, directory.path() / "m/config.json");
    EXPECT_EQ(*source.config.find("model_type"), Value("x"));
    EXPECT_EQ(*source.preprocessor_config.find("size"), Value(3));
    EXPECT_EQ(source.pipeline_tag, "image-classification");
    EXPECT_FALSE(source.model_id.has_value());
  }
}

TEST(FindModel, FindsAHubIdInTheCache) {
  TemporaryDirectory cache;
  const std::string entry = "models--org--some-model";
  cache.write(entry + "/refs/main", "abc123\n");
  cache.write(entry + "/blobs/1", "{\"model_type\": \"new\"}");
  cache.write(entry + "/snapshots/old/config.json", "{\"model_type\": \"old\"}");
  std::filesystem::create_directories(cache.path() / entry / "snapshots/abc123");
  std::filesystem::create_symlink("../../blobs/1",
                                  cache.path() / entry / "snapshots/abc123/config.json");
  const Environment environment("HF_HUB_CACHE", cache.path().string());

  const std::string snapshot = (cache.path() / entry / "snapshots/abc123").string();
  for (const std::string& model :
       {std::string("org/some-model"), snapshot, (cache.path() / entry).string()}) {
    SCOPED_TRACE(model);
    const ModelSource source = find_model(model);
    EXPECT_EQ(source.model_id, "org/some-model");
    EXPECT_EQ(source.directory, snapshot);
    EXPECT_EQ(*source.config.find("model_type"), Value("new"));
  }
  EXPECT_THAT(error_of([] { find_model("org/some-mode"); }),
              HasSubstr("Did you mean org/some-model"));
  EXPECT_THAT(error_of([] { find_model("quite/other"); }), HasSubstr("Hugging Face cache"));

  std::filesystem::remove(cache.path() / entry / "refs/main");
  EXPECT_THAT(error_of([] { find_model("org/some-model"); }), HasSubstr("several snapshots"));
  EXPECT_EQ(find_model("org/some-model", "old").directory.filename(), "old");
  std::filesystem::remove_all(cache.path() / entry / "snapshots/old");
  EXPECT_THAT(error_of([] { find_model("org/some-model"); }), HasSubstr("--revision abc123"));
  std::filesystem::remove(cache.path() / entry / "refs");
  EXPECT_EQ(find_model("org/some-model").directory.filename(), "abc123");
}

TEST(FindModel, LooksWhereTheEnvironmentSays) {
  const Environment none("HF_HUB_CACHE", "");
  {
    const Environment home("HF_HOME", "/h");
    EXPECT_EQ(hub_cache_directory(), "/h/hub");
  }
  const Environment no_home("HF_HOME", ""), no_xdg("XDG_CACHE_HOME", ""), home("HOME", "/u");
  EXPECT_EQ(hub_cache_directory(), "/u/.cache/huggingface/hub");
}

TEST(FindModel, KnowsAHubId) {
  for (const char* id : {"bert-base-uncased", "a/b", "Org_1/x.y-2"})
    EXPECT_TRUE(is_hub_id(id)) << id;
  for (const char* id : {"", "/a", "a/", "a/b/c", "../a", "a b", "./a", "a//b", "a/b--c", "a/b..c", "a-/b"}) {
    EXPECT_FALSE(is_hub_id(id)) << id;
  }
}

TEST(FindModel, ExplainsWhatIsWrong) {
  struct Case {
    const char* what;
    const char* file;  // beside nothing else
    const char* content;
    const char* message;
  };
  const Case kCases[] = {
      {"not JSON", "config.json", "{\"a\": 1,\n  b}", "config.json:2:3"},
      {"a list", "config.json", "[1]", "a JSON list, not an object"},
      {"empty", "config.json", "", "config.json"},
      {"lfs", "config.json", kLfs, "git lfs pull"},
      {"gguf", "model-Q4.gguf", "GGUF", "GGUF model"},
      {"pickle", "model.pkl", "x", "pickled"},
      {"tabular", "sklearn_model.joblib", "x", "pickled"},
      {"adapter", "adapter_config.json", "{}", "adapter"},
      {"pipeline", "model_index.json", "{}", "several models"},
      {"sub-directory", "unet/config.json", "{}", "but in unet"},
      {"other", "notes.txt", "x", "only notes.txt"},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.what);
    TemporaryDirectory directory;
    directory.write(c.file, c.content);
    const std::string message = error_of([&] { find_model(directory.path().string()); });
    EXPECT_THAT(message, HasSubstr(c.message));
    EXPECT_THAT(message, HasSubstr(directory.path().string()));
  }
}

TEST(FindModel, NamesTheNearestSibling) {
  TemporaryDirectory directory;
  directory.write("resnet-18/config.json", "{}");
  const std::string message =
      error_of([&] { find_model((directory.path() / "resnet_18").string()); });
  EXPECT_THAT(message, HasSubstr("no such file or directory"));
  EXPECT_THAT(message, HasSubstr("Did you mean " + (directory.path() / "resnet-18").string()));
}

TEST(FindModel, RefusesOtherFilesAndEmptyPaths) {
  TemporaryDirectory directory;
  const auto file = directory.write("model.gguf", "GGUF");
  EXPECT_THAT(error_of([&] { find_model(file.string()); }), HasSubstr("neither a directory"));
  EXPECT_THAT(error_of([] { find_model(""); }), HasSubstr("empty"));
  EXPECT_THAT(error_of([&] { find_model((directory.path() / "none").string()); }),
              Not(HasSubstr("Did you mean")));
}

TEST(ModelCard, ReadsOneKeyOfTheFrontMatter) {
  struct Case {
    const char* card;
    std::optional<std::string> value;
  };
  const Case kCases[] = {
      {"---\npipeline_tag: fill-mask\n---\n", "fill-mask"},
      {"\xEF\xBB\xBF---\r\npipeline_tag:  \"fill-mask\"  # the task\r\n---\r\n", "fill-mask"},
      {"---\npipeline_tag: fill-mask # the task\n---\n", "fill-mask"},
      {"---\npipeline_tag: 'a b'\n---\n", "a b"},
      {"---\npipeline_tag : x\n---\n", "x"},
      {"---\nmodel:\n  pipeline_tag: inner\npipeline_tag: outer\n---\n", "outer"},
      {"---\npipeline_tags: x\n---\n", std::nullopt},
      {"---\npipeline_tag:\n- x\n---\n", std::nullopt},
      {"---\npipeline_tag: [x]\n---\n", std::nullopt},
      {"---\npipeline_tag: null\n---\n", std::nullopt},
      {"---\na: b\n---\npipeline_tag: x\n", std::nullopt},
      {"# Title\n---\npipeline_tag: x\n---\n", std::nullopt},
      {"", std::nullopt},
  };
  for (const Case& c : kCases)
    EXPECT_EQ(front_matter_value(c.card, "pipeline_tag"), c.value) << c.card;
}

TEST(OpenWeights, ExplainsWhatIsMissing) {
  struct Case {
    const char* file;
    const char* content;
    const char* message;
  };
  const Case kCases[] = {
      {"pytorch_model.bin", "x", "safe_serialization=True"},
      {"open_clip_pytorch_model.bin", "x", "pickled weights (open_clip_pytorch_model.bin)"},
      {"tf_model.h5", "x", "TensorFlow"},
      {"flax_model.msgpack", "x", "Flax"},
      {"other.safetensors", "x", "but other.safetensors"},
      {"model.safetensors", kLfs, "git lfs pull"},
      {"notes.txt", "x", "model.safetensors is missing"},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.file);
    TemporaryDirectory directory;
    directory.write("config.json", "{}");
    directory.write(c.file, c.content);
    const ModelSource source = find_model(directory.path().string());
    EXPECT_THAT(error_of([&] { open_weights(source); }), HasSubstr(c.message));
  }
}

TEST(OpenWeights, OpensOneFileOrShards) {
  constexpr const char* kHeader = R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})";
  TemporaryDirectory one, many;
  one.write("config.json", "{}");
  one.write("model.safetensors", safetensors(kHeader, 2));
  EXPECT_NE(open_weights(find_model(one.path().string())).find("a"), nullptr);
  many.write("config.json", "{}");
  many.write("s.safetensors", safetensors(kHeader, 2));
  many.write("model.safetensors.index.json", R"({"weight_map":{"a":"s.safetensors"}})");
  EXPECT_NE(open_weights(find_model(many.path().string())).find("a"), nullptr);
}

}  // namespace
}  // namespace switchyard
