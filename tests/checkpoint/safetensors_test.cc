#include "stages/checkpoint/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "engine/digest.h"
#include "stages/checkpoint/safetensors_header.h"
#include "tests/checkpoint/fixtures.h"

namespace switchyard {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Two tensors, written out of order; 24 bytes of data.
constexpr std::string_view kGood = R"({"__metadata__":{"format":"pt"},)"
                                   R"("b":{"dtype":"F32","shape":[2,2],"data_offsets":[8,24]},)"
                                   R"("a.weight":{"dtype":"I64","shape":[],"data_offsets":[0,8]}})";

TEST(Safetensors, ReadsTensorsSortedByName) {
  TemporaryDirectory directory;
  const Weights weights = Weights::open(directory.write("m.safetensors", safetensors(kGood, 24)));
  ASSERT_EQ(weights.tensors().size(), 2u);
  const StoredTensor& a = weights.tensors()[0];
  const StoredTensor& b = weights.tensors()[1];
  EXPECT_EQ(a.name, "a.weight");
  EXPECT_EQ(a.dtype, Dtype::kI64);
  EXPECT_TRUE(a.shape.empty());
  EXPECT_EQ(a.bytes, 8u);
  EXPECT_EQ(a.offset, 8 + kGood.size());
  EXPECT_EQ(b.offset, 8 + kGood.size() + 8);
  EXPECT_THAT(b.shape, ElementsAre(2, 2));
  EXPECT_EQ(weights.find("b"), &b);
  EXPECT_EQ(weights.find("c"), nullptr);
  EXPECT_EQ(weights.find(""), nullptr);
  ASSERT_EQ(weights.data(b).size(), 16u);
  EXPECT_EQ(weights.data(b)[0], std::byte{7});
}

TEST(Safetensors, TellsTheFileAndItsHeadersDigest) {
  TemporaryDirectory directory;
  const auto file = directory.write("m.safetensors", safetensors(kGood, 24));
  std::filesystem::create_symlink("m.safetensors", directory.path() / "link.safetensors");
  const Weights weights = Weights::open(directory.path() / "link.safetensors");
  ASSERT_EQ(weights.files().size(), 1u);
  EXPECT_EQ(weights.files()[0].path, file);
  EXPECT_EQ(weights.files()[0].size, 8 + kGood.size() + 24);
  EXPECT_EQ(weights.files()[0].header_digest,
            sha256_hex(length_field(kGood.size()) + std::string(kGood)));
}

TEST(Safetensors, ReadsPaddingEscapesAndEmptyTensors) {
  TemporaryDirectory directory;
  const auto file = directory.write(
      "m.safetensors",
      safetensors("{ \"caf\\u00e9.\\ud83d\\ude00\" : {\"shape\":[0, 9223372036854775807, 7],"
                  "\"data_offsets\":[0,0],\"dtype\":\"BF16\"} }\n      ",
                  0));
  const Weights weights = Weights::open(file);
  ASSERT_EQ(weights.tensors().size(), 1u);
  EXPECT_EQ(weights.tensors()[0].name, "caf\u00e9.\U0001F600");
  EXPECT_EQ(weights.data(weights.tensors()[0]).size(), 0u);
}

struct Lie {
  const char* what;
  std::string file;
  const char* message;
};

std::string one(std::string_view fields, std::size_t data_bytes) {
  return safetensors("{\"w\":{" + std::string(fields) + "}}", data_bytes);
}

TEST(Safetensors, RefusesWhatIsNotTrue) {
  const std::string good = safetensors(kGood, 24);
  const Lie kLies[] = {
      {"empty", "", "is empty"},
      {"short", "abc", "truncated"},
      {"lfs pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n",
       "git lfs pull"},
      {"length beyond the file", length_field(1000) + "{}", "claims a header of 1000 bytes"},
      {"length beyond 100 MB", length_field(~0ull) + "{}", "100 MB"},
      {"header length of the file's", length_field(3) + "{}", "truncated"},
      {"truncated data", good.substr(0, good.size() - 1), "truncated"},
      {"trailing data", good + "x", "1 bytes that belong to no tensor"},
      {"empty header", safetensors("", 0), "not valid JSON"},
      {"not JSON", safetensors("hello", 0), "not valid JSON"},
      {"not an object", safetensors("[]", 0), "not valid JSON"},
      {"cut off", safetensors("{\"w\":{\"dtype\":", 0), "`dtype` that is not a string"},
      {"open string", safetensors("{\"w", 0), "a string is not closed"},
      {"bad escape", safetensors("{\"\\x\":1}", 0), "unknown escape"},
      {"bad hex", safetensors("{\"\\u12g4\":1}", 0), "broken \\u"},
      {"lone surrogate", safetensors("{\"\\ud800\":1}", 0), "lone surrogate"},
      {"control character", safetensors("{\"a\nb\":1}", 0), "control character"},
      {"text after the end", safetensors("{} {}", 0), "goes on"},
      {"not UTF-8", safetensors("{\"\xff\":1}", 0), "UTF-8"},
      {"overlong UTF-8", safetensors("{\"\xc0\xaf\":1}", 0), "UTF-8"},
      {"not a tensor", safetensors("{\"w\":3}", 0), "tensor `w`"},
      {"deep nesting", safetensors("{\"w\":" + std::string(1'000'000, '['), 0), "tensor `w`"},
      {"metadata not strings", safetensors("{\"__metadata__\":{\"a\":1}}", 0), "not a string"},
      {"metadata twice", safetensors("{\"__metadata__\":{},\"__metadata__\":{}}", 0), "two"},
      {"unknown dtype", one(R"("dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1])", 1),
       "dtype `F8_E4M3`"},
      {"dtype a number", one(R"("dtype":3,"shape":[1],"data_offsets":[0,1])", 1), "`dtype`"},
      {"no dtype", one(R"("shape":[1],"data_offsets":[0,1])", 1), "no `dtype`"},
      {"no shape", one(R"("dtype":"U8","data_offsets":[0,1])", 1), "no `shape`"},
      {"no offsets", one(R"("dtype":"U8","shape":[1])", 1), "no `data_offsets`"},
      {"shape twice", one(R"("dtype":"U8","shape":[1],"shape":[1],"data_offsets":[0,1])", 1),
       "two `shape`"},
      {"unknown field", one(R"("dtype":"U8","shape":[1],"data_offsets":[0,1],"x":1)", 1),
       "unknown field `x`"},
      {"negative size", one(R"("dtype":"U8","shape":[-1],"data_offsets":[0,1])", 1), "negative"},
      {"fraction", one(R"("dtype":"U8","shape":[1.5],"data_offsets":[0,1])", 1), "integers"},
      {"exponent", one(R"("dtype":"U8","shape":[1e3],"data_offsets":[0,1])", 1), "integers"},
      {"beyond 64 bits",
       one(R"("dtype":"U8","shape":[99999999999999999999],"data_offsets":[0,1])", 1),
       "beyond 64 bits"},
      {"product overflows",
       one(R"("dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,1])", 1),
       "beyond 64 bits"},
      {"product wraps to the byte count",
       one(R"("dtype":"F64","shape":[2305843009213693952,1],"data_offsets":[0,0])", 0),
       "beyond 64 bits"},
      {"three offsets", one(R"("dtype":"U8","shape":[1],"data_offsets":[0,1,2])", 1), "a pair"},
      {"offsets swapped", one(R"("dtype":"U8","shape":[1],"data_offsets":[1,0])", 1),
       "end is before"},
      {"too few bytes", one(R"("dtype":"F32","shape":[2],"data_offsets":[0,4])", 4), "takes 8"},
      {"offsets beyond the data", one(R"("dtype":"F32","shape":[2],"data_offsets":[8,16])", 8),
       "truncated"},
      {"hole at the start", one(R"("dtype":"U8","shape":[1],"data_offsets":[1,2])", 2),
       "hole of 1 bytes"},
      {"overlap",
       safetensors(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},)"
                   R"("b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})",
                   3),
       "tensor `b` overlaps"},
      {"same bytes twice",
       safetensors(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},)"
                   R"("b":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})",
                   2),
       "overlaps"},
      {"duplicate name",
       safetensors(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                   R"("\u0061":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
                   2),
       "tensor `a` is there twice"},
      {"endless rank",
       one(
           "\"dtype\":\"U8\",\"shape\":[1" +
               [] {
                 std::string more;
                 for (int i = 0; i < 100000; ++i) more += ",1";
                 return more;
               }() +
               "],\"data_offsets\":[0,1]",
           1),
       "longer than any"},
  };
  TemporaryDirectory directory;
  for (const Lie& lie : kLies) {
    SCOPED_TRACE(lie.what);
    const auto file = directory.write("lie.safetensors", lie.file);
    const std::string message = error_of([&] { Weights::open(file); });
    EXPECT_THAT(message, HasSubstr(lie.message));
    EXPECT_THAT(message, HasSubstr("lie.safetensors"));
  }
}

TEST(Safetensors, RefusesWhatIsNoFile) {
  TemporaryDirectory directory;
  EXPECT_THAT(error_of([&] { Weights::open(directory.path()); }), HasSubstr("directory"));
  EXPECT_THAT(error_of([&] { Weights::open(directory.path() / "none"); }), HasSubstr("No such"));
}

// Whatever a damaged header says, the outcome is tensors inside the data, or an Error.
TEST(Safetensors, SurvivesRandomDamage) {
  std::mt19937 random(20240607);
  std::size_t read = 0, refused = 0;
  constexpr std::string_view kAlphabet = "{}[]:,\"\\u0123456789-.eEF32 \xff\xc3\n";
  for (int round = 0; round < 40000; ++round) {
    std::string header(kGood);
    for (unsigned edits = 1 + random() % 4; edits > 0 && !header.empty(); --edits) {
      const std::size_t at = random() % header.size();
      const char with = kAlphabet[random() % kAlphabet.size()];
      switch (random() % 4) {
        case 0:
          header[at] = with;
          break;
        case 1:
          header.insert(at, 1, with);
          break;
        case 2:
          header.erase(at, 1 + random() % 5);
          break;
        case 3:
          header.insert(at, header.substr(random() % header.size(), random() % 40));
          break;
      }
    }
    try {
      for (const StoredTensor& tensor : parse_safetensors_header(header, 100, 24, "f")) {
        EXPECT_GE(tensor.offset, 100u);
        EXPECT_LE(tensor.offset + tensor.bytes, 124u);
      }
      ++read;
    } catch (const Error&) {
      ++refused;
    }
  }
  EXPECT_GT(read, 100u);
  EXPECT_GT(refused, 10000u);
}

std::string tensor_entry(const std::string& name) {
  return "\"" + name + R"(":{"dtype":"U8","shape":[2],"data_offsets":[0,2]})";
}

TEST(ShardedSafetensors, ReadsAllShards) {
  TemporaryDirectory directory;
  directory.write("m-1.safetensors", safetensors("{" + tensor_entry("b") + "}", 2));
  directory.write("m-2.safetensors", safetensors("{" + tensor_entry("a") + "}", 2));
  const auto index = directory.write(
      "model.safetensors.index.json",
      R"({"metadata":{},"weight_map":{"a":"m-2.safetensors","b":"m-1.safetensors"}})");
  const Weights weights = Weights::open_sharded(index);
  ASSERT_EQ(weights.tensors().size(), 2u);
  EXPECT_EQ(weights.tensors()[0].name, "a");
  EXPECT_EQ(weights.files()[weights.find("a")->file].path.filename(), "m-2.safetensors");
  EXPECT_EQ(weights.data(*weights.find("b")).size(), 2u);
}

TEST(ShardedSafetensors, RefusesAnIndexThatLies) {
  struct Case {
    const char* index;
    const char* message;
  };
  const Case kCases[] = {
      {"{}", "no `weight_map`"},
      {R"({"weight_map":{"a":"gone.safetensors"}})", "gone.safetensors`, which is not there"},
      {R"({"weight_map":{"a":"../m-1.safetensors"}})", "not the name of a file beside it"},
      {R"({"weight_map":{"a":"/etc/passwd"}})", "not the name of a file beside it"},
      {R"({"weight_map":{"a":7}})", "not the name of a file beside it"},
      {R"({"weight_map":{"a":".."}})", "not the name of a file beside it"},
      {R"({"weight_map":{"z":"m-1.safetensors"}})", "places tensor `z`"},
      {R"({"weight_map":{"a":"m-1.safetensors","b":"m-2.safetensors"}})", "`a` in two shards"},
      {R"({"weight_map":)", "index.json:1"},
  };
  TemporaryDirectory directory;
  directory.write("m-1.safetensors", safetensors("{" + tensor_entry("a") + "}", 2));
  directory.write("m-2.safetensors", safetensors("{" + tensor_entry("a") + "}", 2));
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.index);
    const auto index = directory.write("model.safetensors.index.json", c.index);
    EXPECT_THAT(error_of([&] { Weights::open_sharded(index); }), HasSubstr(c.message));
  }
}

TEST(Dtypes, NamesRoundTrip) {
  for (const char* name : {"F64", "F32", "F16", "BF16", "I64", "I32", "I16", "I8", "U8", "BOOL"}) {
    const auto dtype = parse_dtype(name);
    ASSERT_TRUE(dtype.has_value()) << name;
    EXPECT_EQ(dtype_name(*dtype), name);
  }
  EXPECT_FALSE(parse_dtype("f32").has_value());
  EXPECT_EQ(byte_size(Dtype::kBF16), 2u);
  EXPECT_EQ(byte_size(Dtype::kBool), 1u);
}

}  // namespace
}  // namespace switchyard
