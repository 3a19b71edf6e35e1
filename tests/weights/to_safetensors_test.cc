#include "stages/weights/to_safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <iterator>

#include "stages/checkpoint/safetensors.h"
#include "stages/weights/torch/torch_file.h"
#include "tests/checkpoint/fixtures.h"
#include "tests/weights/torch_writer.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

const fs::path kReal = SWITCHYARD_SOURCE_DIR "/tests/data/torch";

const RuleBook& rules() {
  static const auto book = RuleBook::load();
  return *book;
}

std::string read(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string bytes_of(const Weights& weights, const std::string& name) {
  const auto bytes = weights.data(*weights.find(name));
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::vector<float> floats(const Weights& weights, const std::string& name) {
  const std::string bytes = bytes_of(weights, name);
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

TEST(ToSafetensors, KeepsEveryByteAndName) {
  TemporaryDirectory directory;
  const fs::path output = directory.path() / "model.safetensors";
  const auto report = convert_to_safetensors(rules(), weight_file_at(kReal / "kinds.bin"), output);
  const Weights before = Weights::of(torch::open_torch(kReal / "kinds.bin", {}));
  const Weights after = Weights::open(output);
  ASSERT_EQ(after.tensors().size(), before.tensors().size());
  for (const StoredTensor& tensor : before.tensors()) {
    SCOPED_TRACE(tensor.name);
    const StoredTensor* const written = after.find(tensor.name);
    ASSERT_NE(written, nullptr);
    EXPECT_EQ(written->dtype, tensor.dtype);
    EXPECT_EQ(written->shape, tensor.shape);
    EXPECT_EQ(bytes_of(after, tensor.name), bytes_of(before, tensor.name));
    EXPECT_EQ(written->offset % byte_size(tensor.dtype), 0u);
  }
  EXPECT_THAT(report.tied, ElementsAre(Pair("tied", "param")));
  EXPECT_EQ(after.find("tied")->offset, after.find("param")->offset);
  EXPECT_EQ(report.tensors, before.tensors().size() - 1);
  EXPECT_EQ(report.bytes, fs::file_size(output));
  EXPECT_THAT(report.sources, ElementsAre(kReal / "kinds.bin"));
}

// Byte for byte what safetensors' Python package writes for this state dict.
TEST(ToSafetensors, WritesAsTheReferenceDoes) {
  TemporaryDirectory directory;
  const fs::path source = directory.path() / "pytorch_model.bin";
  torch::write_state_dict(source, {{"b", "FloatStorage", {1}, "bbbb"},
                                   {"h", "HalfStorage", {1, 2}, "hhhh"},
                                   {"a", "FloatStorage", {}, "aaaa"},
                                   {"i", "LongStorage", {1}, "iiiiiiii"}});
  const fs::path output = directory.path() / "out.safetensors";
  convert_to_safetensors(rules(), weight_file_at(source), output);
  std::string header =
      R"({"__metadata__":{"format":"pt"},"i":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},)"
      R"("a":{"dtype":"F32","shape":[],"data_offsets":[8,12]},)"
      R"("b":{"dtype":"F32","shape":[1],"data_offsets":[12,16]},)"
      R"("h":{"dtype":"F16","shape":[1,2],"data_offsets":[16,20]}})";
  header.append((8 - header.size() % 8) % 8, ' ');
  EXPECT_EQ(read(output), length_field(header.size()) + header + "iiiiiiiiaaaabbbbhhhh");
}

TEST(ToSafetensors, PutsElementsInRowMajorOrder) {
  TemporaryDirectory directory;
  const fs::path output = directory.path() / "o.safetensors";
  const auto report = convert_to_safetensors(rules(), weight_file_at(kReal / "strided.bin"), output);
  const Weights weights = Weights::open(output);
  EXPECT_THAT(floats(weights, "plain"), ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_THAT(weights.find("t")->shape, ElementsAre(3, 2));
  EXPECT_THAT(floats(weights, "t"), ElementsAre(0, 3, 1, 4, 2, 5));
  EXPECT_THAT(floats(weights, "expanded"), ElementsAre(1, 1, 1, 2, 2, 2));
  EXPECT_EQ(bytes_of(weights, "step"), std::string("\0\0\2\0\4\0\6\0", 8));
  EXPECT_THAT(report.reordered, ElementsAre("expanded", "step", "t"));
}

TEST(ToSafetensors, UnpacksCompressedStorages) {
  TemporaryDirectory directory;
  const fs::path source = directory.path() / "p.bin", output = directory.path() / "o.safetensors";
  const std::string first(100'000, 'x');
  const auto tensor = [](const char* key, std::int64_t size) {
    return torch::tensor(torch::storage("ByteStorage", key, size), 0, {size}, {1});
  };
  const auto write = [&] {
    torch::write_torch(
        source, torch::pickle(torch::dict({{"a", tensor("0", 100'000)}, {"b", tensor("1", 4)}})),
        {{"data/0", first, true}, {"data/1", "yyyy", true}});
  };
  write();
  convert_to_safetensors(rules(), weight_file_at(source), output);
  const Weights weights = Weights::open(output);
  EXPECT_EQ(bytes_of(weights, "a"), first);
  EXPECT_EQ(bytes_of(weights, "b"), "yyyy");

  // Damage in the compressed bytes shows, and leaves what was there.
  const std::string before = read(output);
  std::string damaged = read(source);
  const std::size_t data = damaged.find("archive/data/1") + std::strlen("archive/data/1");
  damaged[data + 1] = static_cast<char>(~damaged[data + 1]);
  std::ofstream(source, std::ios::binary) << damaged;
  EXPECT_THAT(error_of([&] { convert_to_safetensors(rules(), weight_file_at(source), output); }),
              HasSubstr("damaged compressed data"));
  EXPECT_EQ(read(output), before);
  EXPECT_EQ(std::distance(fs::directory_iterator(directory.path()), fs::directory_iterator()), 2);
}

TEST(ToSafetensors, JoinsShardsOfEitherFormat) {
  TemporaryDirectory torch_shards, shards;
  torch::write_state_dict(torch_shards.path() / "1.bin", {{"a", "ByteStorage", {2}, "aa"}});
  torch::write_state_dict(torch_shards.path() / "2.bin", {{"b", "ByteStorage", {3}, "bbb"}});
  torch_shards.write("pytorch_model.bin.index.json", R"({"weight_map":{"a":"1.bin","b":"2.bin"}})");
  for (const char* number : {"1", "2"}) {
    convert_to_safetensors(rules(),
                           weight_file_at(torch_shards.path() / (std::string(number) + ".bin")),
                           shards.path() / (std::string(number) + ".safetensors"));
  }
  shards.write("model.safetensors.index.json",
               R"({"weight_map":{"a":"1.safetensors","b":"2.safetensors"}})");
  for (const fs::path& directory : {torch_shards.path(), shards.path()}) {
    const fs::path output = directory / "model.safetensors";
    const auto report = convert_to_safetensors(
        rules(), find_weight_files(rules(), directory, std::nullopt), output);
    EXPECT_EQ(report.sources.size(), 2u);
    const Weights weights = Weights::open(output);
    EXPECT_EQ(bytes_of(weights, "a"), "aa");
    EXPECT_EQ(bytes_of(weights, "b"), "bbb");
  }
  EXPECT_EQ(read(torch_shards.path() / "model.safetensors"), read(shards.path() / "model.safetensors"));
}

TEST(ToSafetensors, RefusesToReplaceItsSourceOrToFillTheDisk) {
  TemporaryDirectory directory;
  const fs::path source = directory.path() / "p.bin";
  torch::write_state_dict(source, {{"a", "ByteStorage", {2}, "aa"}});
  EXPECT_THROW(convert_to_safetensors(rules(), weight_file_at(source), source), Error);

  const fs::path bomb = directory.path() / "bomb.bin";
  const std::string huge =
      torch::tensor(torch::storage("ByteStorage", "0", 1), 0, {std::int64_t{1} << 50}, {0});
  torch::write_torch(bomb, torch::pickle(torch::dict({{"a", huge}})), {{"data/0", "x"}});
  EXPECT_THAT(error_of([&] {
                convert_to_safetensors(rules(), weight_file_at(bomb),
                                       directory.path() / "o.safetensors");
              }),
              HasSubstr("more than 4 times the room"));
  EXPECT_FALSE(fs::exists(directory.path() / "o.safetensors"));
}

TEST(ToSafetensors, NamesItsOutputAfterItsSource) {
  const std::pair<const char*, const char*> kCases[] = {
      {"pytorch_model.bin", "model.safetensors"},
      {"pytorch_model.bin.index.json", "model.safetensors"},
      {"pytorch_model.fp16.bin", "model.fp16.safetensors"},
      {"pytorch_model.bin.index.fp16.json", "model.fp16.safetensors"},
      {"model.safetensors.index.json", "model.safetensors"},
      {"best.pth", "best.safetensors"},
  };
  for (const auto& [from, to] : kCases) EXPECT_EQ(name_as_safetensors(rules(), from), to) << from;
}

}  // namespace
}  // namespace switchyard
