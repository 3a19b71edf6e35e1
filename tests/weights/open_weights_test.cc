#include "stages/weights/open_weights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/checkpoint/fixtures.h"
#include "tests/weights/torch_writer.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kLfs = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n";

const RuleBook& rules() {
  static const auto book = RuleBook::load();
  return *book;
}

std::string one_tensor(const std::string& name) {
  return safetensors("{\"" + name + R"(":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})", 2);
}

// A checkpoint's directory.
class Checkpoint {
 public:
  Checkpoint() { directory_.write("config.json", "{}"); }
  const fs::path& path() const { return directory_.path(); }
  void add(const std::string& name, std::string_view content) { directory_.write(name, content); }
  void add_torch(const std::string& name, const std::string& tensor) {
    torch::write_state_dict(path() / name, {{tensor, "ByteStorage", {2}, "ab"}});
  }
  Weights open(std::optional<std::string> variant = {}) const {
    ModelSource source = find_model(path().string());
    source.variant = std::move(variant);
    return open_weights(rules(), source);
  }
  std::string error(std::optional<std::string> variant = {}) const {
    return error_of([&] { open(variant); });
  }
  // The only tensor's name.
  std::string opened(std::optional<std::string> variant = {}) const {
    return open(std::move(variant)).tensors().at(0).name;
  }

 private:
  TemporaryDirectory directory_;
};

TEST(OpenWeights, TakesTheFirstFileOfTheTable) {
  Checkpoint checkpoint;
  checkpoint.add_torch("part-1.bin", "torch sharded");
  checkpoint.add("pytorch_model.bin.index.json", R"({"weight_map":{"torch sharded":"part-1.bin"}})");
  EXPECT_EQ(checkpoint.opened(), "torch sharded");
  checkpoint.add_torch("pytorch_model.bin", "torch");
  EXPECT_EQ(checkpoint.opened(), "torch");
  checkpoint.add("s.safetensors", one_tensor("sharded"));
  checkpoint.add("model.safetensors.index.json", R"({"weight_map":{"sharded":"s.safetensors"}})");
  EXPECT_EQ(checkpoint.opened(), "sharded");
  checkpoint.add("model.safetensors", one_tensor("plain"));
  EXPECT_EQ(checkpoint.opened(), "plain");
}

TEST(OpenWeights, TakesAVariant) {
  Checkpoint checkpoint;
  checkpoint.add_torch("pytorch_model.fp16.bin", "torch fp16");
  EXPECT_EQ(checkpoint.opened("fp16"), "torch fp16");
  EXPECT_THAT(checkpoint.error(), HasSubstr("only the weights of the variant fp16"));
  EXPECT_THAT(checkpoint.error(), HasSubstr("--variant fp16"));
  checkpoint.add("model.fp16.safetensors", one_tensor("fp16"));
  checkpoint.add("model.safetensors", one_tensor("plain"));
  checkpoint.add("model.safetensors.index.bf16.json",
                 R"({"weight_map":{"bf16":"model.bf16-00001-of-00001.safetensors"}})");
  checkpoint.add("model.bf16-00001-of-00001.safetensors", one_tensor("bf16"));
  checkpoint.add_torch("pytorch_model.bin.index.int8.json", "not read");
  EXPECT_EQ(checkpoint.opened(), "plain");
  EXPECT_EQ(checkpoint.opened("fp16"), "fp16");
  EXPECT_EQ(checkpoint.opened("bf16"), "bf16");
  EXPECT_THAT(checkpoint.error("fp8"), HasSubstr("There are bf16, fp16 and int8"));
  EXPECT_THAT(weight_variants(rules(), checkpoint.path()), ElementsAre("bf16", "fp16", "int8"));
  for (const char* name : {"", "../x", "a/b", ".", "a b"}) {
    EXPECT_THROW(find_weight_files(rules(), checkpoint.path(), name), Error) << name;
  }
  Checkpoint plain;
  plain.add("model.safetensors", one_tensor("plain"));
  EXPECT_THAT(plain.error("fp16"), HasSubstr("leave --variant out"));
}

TEST(OpenWeights, ExplainsWhatIsMissing) {
  struct Case {
    const char* file;
    const char* content;
    const char* message;
  };
  const Case kCases[] = {
      {"pytorch_model.bin", "x", "is no zip archive"},
      {"pytorch_model.bin", kLfs, "git lfs pull"},
      {"open_clip_pytorch_model.bin", "x", "other names open_clip_pytorch_model.bin"},
      {"tf_model.h5", "x", "TensorFlow"},
      {"flax_model.msgpack", "x", "Flax"},
      {"other.safetensors", "x", "but other.safetensors"},
      {"model.safetensors", kLfs, "git lfs pull"},
      {"notes.txt", "x", "model.safetensors is missing"},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.file);
    Checkpoint checkpoint;
    checkpoint.add(c.file, c.content);
    EXPECT_THAT(checkpoint.error(), HasSubstr(c.message));
  }
}

TEST(OpenWeights, ExplainsWhatIsWrongWithShards) {
  struct Case {
    const char* what;
    const char* index;
    const char* message;
  };
  const Case kCases[] = {
      {"missing", R"({"weight_map":{"a":"p.bin","b":"q.bin","c":"r.bin"}})",
       "names the shards `q.bin` and `r.bin`, which are not there"},
      {"a tensor its shard lacks", R"({"weight_map":{"a":"p.bin","z":"p.bin"}})",
       "places tensor `z` in `p.bin`, where it is not"},
      {"outside", R"({"weight_map":{"a":"../p.bin"}})", "not the name of a file beside it"},
      {"absolute", R"({"weight_map":{"a":"/etc/passwd"}})", "not the name of a file beside it"},
      {"no map", R"({"metadata":{}})", "no `weight_map`"},
      {"no JSON", "{", "pytorch_model.bin.index.json"},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.what);
    Checkpoint checkpoint;
    checkpoint.add_torch("p.bin", "a");
    checkpoint.add("pytorch_model.bin.index.json", c.index);
    EXPECT_THAT(checkpoint.error(), HasSubstr(c.message));
  }
  Checkpoint twice;
  twice.add_torch("p.bin", "a");
  twice.add_torch("q.bin", "a");
  torch::write_state_dict(twice.path() / "q.bin",
                          {{"a", "ByteStorage", {2}, "ab"}, {"b", "ByteStorage", {2}, "ab"}});
  twice.add("pytorch_model.bin.index.json", R"({"weight_map":{"a":"p.bin","b":"q.bin"}})");
  EXPECT_THAT(twice.error(), HasSubstr("tensor `a` in two shards"));
}

// A Hugging Face cache: every file is a symlink to a blob elsewhere.
TEST(OpenWeights, FollowsTheSymlinksOfACache) {
  TemporaryDirectory cache;
  const fs::path snapshot = cache.path() / "snapshots/1";
  cache.write("snapshots/1/config.json", "{}");
  fs::create_directories(cache.path() / "blobs");
  torch::write_state_dict(cache.path() / "blobs/0a", {{"a", "ByteStorage", {2}, "ab"}});
  cache.write("blobs/0b", R"({"weight_map":{"a":"p.bin"}})");
  fs::create_symlink("../../blobs/0a", snapshot / "p.bin");
  fs::create_symlink("../../blobs/0b", snapshot / "pytorch_model.bin.index.json");
  const Weights weights = open_weights(rules(), find_model(snapshot.string()));
  EXPECT_EQ(weights.files()[0].path, cache.path() / "blobs/0a");
  EXPECT_EQ(weights.files()[0].name, "p.bin");

  fs::remove(cache.path() / "blobs/0a");
  EXPECT_THAT(error_of([&] { open_weights(rules(), find_model(snapshot.string())); }),
              HasSubstr("names the shard `p.bin`, which is not there"));
}

TEST(OpenWeights, RefusesAdapters) {
  Checkpoint described;
  described.add("adapter_config.json", R"({"peft_type":"LORA","base_model_name_or_path":"org/base"})");
  described.add("adapter_model.safetensors", one_tensor("a.lora_A.weight"));
  EXPECT_THAT(described.error(), HasSubstr("an adapter (LORA) of the base model 'org/base'"));
  described.add("model.safetensors", one_tensor("a"));
  EXPECT_THAT(described.error(), HasSubstr("move adapter_config.json away"));

  for (const char* name : {"a.lora_A.weight", "a.lora_B.default.weight", "a.hada_w1_a"}) {
    Checkpoint tensors;
    tensors.add("model.safetensors", one_tensor(name));
    EXPECT_THAT(tensors.error(), HasSubstr("holds the tensors of an adapter"));
    EXPECT_THAT(tensors.error(), HasSubstr("merge_and_unload"));
  }
  Checkpoint plain;
  plain.add("model.safetensors", one_tensor("flora_A.weight"));
  EXPECT_EQ(plain.opened(), "flora_A.weight");
}

}  // namespace
}  // namespace switchyard
