#include "stages/weights/torch/torch_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <iterator>
#include <map>

#include "stages/checkpoint/mapped_file.h"
#include "tests/checkpoint/fixtures.h"
#include "tests/weights/torch_writer.h"

namespace switchyard::torch {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const fs::path kReal = SWITCHYARD_SOURCE_DIR "/tests/data/torch";
const std::vector<std::string> kWrappers{"state_dict", "model"};

template <typename T>
std::vector<T> values(const Weights& weights, std::string_view name) {
  const auto bytes = weights.data(*weights.find(name));
  std::vector<T> numbers(bytes.size() / sizeof(T));
  if (!bytes.empty()) std::memcpy(numbers.data(), bytes.data(), bytes.size());
  return numbers;
}

std::string read(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// From memory; the message of the Error, or "".
std::string outcome(std::string_view bytes) {
  try {
    read_torch(std::as_bytes(std::span(bytes)), "f.bin", kWrappers);
  } catch (const Error& error) {
    EXPECT_FALSE(error.mend().empty()) << error.what();
    return error.what();
  }
  return {};
}

TEST(TorchFile, ReadsWhatPyTorchWroteWhereItLies) {
  const Weights weights = Weights::of(open_torch(kReal / "kinds.bin", {}));
  struct Case {
    const char* name;
    Dtype dtype;
    std::vector<std::int64_t> shape;
  };
  const Case cases[] = {
      {"half", Dtype::kF16, {2}},   {"bf16", Dtype::kBF16, {2}},  {"double", Dtype::kF64, {1}},
      {"i64", Dtype::kI64, {2}},    {"i32", Dtype::kI32, {1}},    {"i16", Dtype::kI16, {1}},
      {"i8", Dtype::kI8, {1}},      {"u8", Dtype::kU8, {1}},      {"flag", Dtype::kBool, {3}},
      {"scalar", Dtype::kI64, {}},  {"empty", Dtype::kF32, {0, 4}}, {"param", Dtype::kF32, {2, 3}},
      {"tied", Dtype::kF32, {2, 3}}, {"slice", Dtype::kF32, {4}}, {"rows", Dtype::kF32, {2, 2}},
  };
  EXPECT_EQ(weights.tensors().size(), std::size(cases));
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const StoredTensor* const tensor = weights.find(c.name);
    ASSERT_NE(tensor, nullptr);
    EXPECT_EQ(tensor->dtype, c.dtype);
    EXPECT_EQ(tensor->shape, c.shape);
  }
  EXPECT_THAT(values<std::uint16_t>(weights, "half"), ElementsAre(0x3C00, 0xC100));
  EXPECT_THAT(values<std::uint16_t>(weights, "bf16"), ElementsAre(0x3F80, 0xC020));
  EXPECT_THAT(values<double>(weights, "double"), ElementsAre(0.1));
  EXPECT_THAT(values<std::int64_t>(weights, "i64"), ElementsAre(-1, std::int64_t{1} << 40));
  EXPECT_THAT(values<std::int32_t>(weights, "i32"), ElementsAre(-3));
  EXPECT_THAT(values<std::int16_t>(weights, "i16"), ElementsAre(-3));
  EXPECT_THAT(values<std::int8_t>(weights, "i8"), ElementsAre(-3));
  EXPECT_THAT(values<std::uint8_t>(weights, "u8"), ElementsAre(200));
  EXPECT_THAT(values<std::uint8_t>(weights, "flag"), ElementsAre(1, 0, 1));
  EXPECT_THAT(values<std::int64_t>(weights, "scalar"), ElementsAre(7));
  EXPECT_THAT(values<float>(weights, "param"), ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_THAT(values<float>(weights, "slice"), ElementsAre(4, 5, 6, 7));
  EXPECT_THAT(values<float>(weights, "rows"), ElementsAre(2, 3, 4, 5));
  EXPECT_EQ(weights.find("tied")->offset, weights.find("param")->offset);
  EXPECT_EQ(weights.files()[0].name, "kinds.bin");
  EXPECT_EQ(weights.files()[0].size, fs::file_size(kReal / "kinds.bin"));
}

TEST(TorchFile, TakesAStateDictOutOfWhatIsAroundIt) {
  const std::string bytes = read(kReal / "wrapped.bin");
  const auto read_with = [&](const std::vector<std::string>& wrappers) {
    return read_torch(std::as_bytes(std::span(bytes)), "f", wrappers);
  };
  const TorchFile file = read_with({"model", "state_dict"});
  EXPECT_EQ(file.unwrapped, "state_dict");
  std::vector<std::string> names;
  for (const TorchTensor& tensor : file.tensors) names.push_back(tensor.name);
  EXPECT_THAT(names, ElementsAre("0.bias", "0.weight", "1.bias", "1.num_batches_tracked",
                                 "1.running_mean", "1.running_var", "1.weight"));
  EXPECT_THAT(error_of([&] { read_with({"model"}); }), HasSubstr("`epoch`, `lr`, `optimizer`"));
  // Protocol 4, no wrapper.
  const Weights weights = Weights::of(open_torch(kReal / "module.bin", {}));
  EXPECT_THAT(values<float>(weights, "0.weight"), ElementsAre(0, 1, 2, 3, 4, 5));
}

TEST(TorchFile, RefusesOtherThingsOfPyTorchByName) {
  struct Case {
    const char* file;
    const char* message;
  };
  const Case cases[] = {
      {"legacy.bin", "format of PyTorch before 1.6"},
      {"script.bin", "TorchScript program"},
      {"module_object.bin", "`torch.nn.modules.container.Sequential`"},
      {"quantized.bin", "a quantized tensor"},
      {"sparse.bin", "a sparse tensor"},
      {"complex.bin", "`torch.ComplexFloatStorage`"},
      {"list.bin", "the outermost object is no dict"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.file);
    EXPECT_THAT(error_of([&] { open_torch(kReal / c.file, {}); }), HasSubstr(c.message));
  }
}

TEST(TorchFile, NamesTheConversionForWhatCantBeUsedInPlace) {
  const std::string message = error_of([] { open_torch(kReal / "strided.bin", {}); });
  EXPECT_THAT(message, HasSubstr("not in row-major order"));
  EXPECT_THAT(message, HasSubstr("switchyard checkpoint to-safetensors -m "));

  TemporaryDirectory directory;
  const fs::path file = directory.path() / "f.bin";
  write_torch(file, pickle(dict({{"a", tensor(storage("FloatStorage", "0", 2), 0, {2}, {1})}})),
              {{"data/0", std::string(8, '\0'), true}});
  EXPECT_THAT(error_of([&] { open_torch(file, {}); }), HasSubstr("its bytes are compressed"));
}

const std::string kStorage = storage("FloatStorage", "0", 4);
const std::string kGood = tensor(kStorage, 0, {2, 2}, {2, 1});
constexpr std::int64_t kHuge = std::int64_t{1} << 62;

std::string in_file(const std::string& pickle, const std::vector<Entry>& entries = {
                                                   {"data/0", std::string(16, '\0')}}) {
  TemporaryDirectory directory;
  const fs::path file = directory.path() / "f.bin";
  write_torch(file, pickle, entries);
  return read(file);
}

TEST(TorchFile, ExecutesNothing) {
  struct Case {
    const char* what;
    std::string body;
    const char* message;
  };
  const std::string system = global("os", "system") + tuple({text("touch hacked")}) + "R";
  const Case cases[] = {
      {"a function of the system", system, "`os.system`"},
      {"under its other name", global("posix", "system") + tuple({text("x")}) + "R",
       "`posix.system`"},
      {"behind a state dict", dict({{"a", kGood}}) + "0" + system, "`os.system`"},
      {"as a value", dict({{"a", kGood}, {"b", global("builtins", "eval")}}), "`builtins.eval`"},
      {"of protocol 4", "\x8c\x08" "builtins\x8c\x04" "exec\x93", "`builtins.exec`"},
      {"by instance", "(" + text("x") + "ios\nsystem\n", "the instruction 105"},
      {"by object", "(" + global("collections", "OrderedDict") + "o", "the instruction 111"},
      {"by extension", "\x82\x01", "the instruction 130"},
      {"with keywords", global("collections", "OrderedDict") + ")}\x92", "the instruction 146"},
      {"through an attribute", global("torch", "Tensor.__class__"), "`torch.Tensor.__class__`"},
      {"a loader within PyTorch", global("torch.storage", "_load_from_bytes"),
       "`torch.storage._load_from_bytes`"},
      {"a hub of PyTorch", global("torch.hub", "load"), "`torch.hub.load`"},
      {"another rebuilder", global("torch._utils", "_import_dotted_name"),
       "`torch._utils._import_dotted_name`"},
      {"a text called", text("f") + ")R", "calls something that is no function"},
      {"a type called", global("torch", "FloatStorage") + ")R", "as torch.save never does"},
      {"a type rebuilt by another function",
       global("torch._tensor", "_rebuild_from_type_v2") +
           tuple({global("torch", "Size"), global("torch", "Tensor"), ")", "N"}) + "R",
       "as torch.save never does"},
      {"a state with code", kGood + global("torch", "device") + "b", "gives a state"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.what);
    EXPECT_THAT(outcome(in_file(pickle(c.body))), HasSubstr(c.message));
  }
  EXPECT_FALSE(fs::exists("hacked"));
}

TEST(TorchFile, KeepsHarmlessMetadataAside) {
  const std::string bytes = in_file(pickle(dict({
      {"a", kGood},
      {"args", global("argparse", "Namespace") + ")R" + dict({{"lr", number(1)}}) + "b"},
      {"dtype", global("torch", "float32")},
      {"device", global("torch", "device") + tuple({text("cpu")}) + "R"},
      {"size", global("torch", "Size") + tuple({tuple({number(2), number(2)})}) + "R"},
      {"bytes", global("_codecs", "encode") + tuple({text("x"), text("latin1")}) + "R"},
      {"pairs", global("collections", "OrderedDict") + "(](" + tuple({text("k"), number(1)}) + "etR"},
  })));
  const TorchFile file = read_torch(std::as_bytes(std::span(bytes)), "f", {});
  EXPECT_EQ(file.tensors.size(), 1u);
  EXPECT_THAT(file.left_out, ElementsAre("args", "dtype", "device", "size", "bytes", "pairs"));
}

TEST(TorchFile, ReadsParametersAndTypedTensors) {
  const std::string plain_arguments =
      tuple({kStorage, number(0), tuple({number(4)}), tuple({number(1)}), "\x89",
             global("collections", "OrderedDict") + ")R"});
  const std::string bytes = in_file(pickle(dict({
      {"parameter", global("torch._utils", "_rebuild_parameter") + tuple({kGood, "\x88", "N"}) + "R"},
      {"with state", global("torch._utils", "_rebuild_parameter_with_state") +
                         tuple({kGood, "\x88", "N", "}"}) + "R"},
      {"typed", global("torch._tensor", "_rebuild_from_type_v2") +
                    tuple({global("torch._utils", "_rebuild_tensor_v2"), global("torch", "Tensor"),
                           plain_arguments, "}"}) + "R"},
  })));
  const TorchFile file = read_torch(std::as_bytes(std::span(bytes)), "f", {});
  ASSERT_EQ(file.tensors.size(), 3u);
  EXPECT_EQ(file.tensors[1].name, "typed");
  EXPECT_THAT(file.tensors[1].shape, ElementsAre(4));
}

TEST(TorchFile, RefusesPicklesThatLieOrHurt) {
  struct Case {
    const char* what;
    std::string pickle;
    const char* message;
  };
  const auto repeated = [](std::string_view part, std::size_t times) {
    std::string all;
    for (std::size_t i = 0; i < times; ++i) all += part;
    return all;
  };
  const auto one = [](const std::string& value) { return pickle(dict({{"a", value}})); };
  const Case cases[] = {
      {"nothing", "", "truncated"},
      {"no end", "\x80\x02}", "truncated"},
      {"an empty stack", "\x80\x02.", "takes more from its stack"},
      {"a mark under it", "\x80\x02N(.", "takes more from its stack"},
      {"no mark", pickle("}u"), "a mark that it never set"},
      {"a key without value", pickle("}(" + text("a") + "u"), "a key without its value"},
      {"items of a number", pickle(number(1) + number(2) + "a"), "adds items to something"},
      {"a text behind the end", "\x80\x02X\xff\xff\xff\xff" "abc", "truncated"},
      {"a text of 2^64 bytes", "\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\xff", "truncated"},
      {"an endless name", "\x80\x02" "ctorch", "truncated"},
      {"a long integer", pickle("\x8a\x09" "123456789"), "beyond 64 bits"},
      {"protocol 9", "\x80\x09N.", "protocol 9"},
      {"a memo of 4 billion", pickle("Nr" "\xff\xff\xff\xff"), "numbers its objects"},
      {"a memo never set", pickle("h\x05"), "never stored"},
      {"a list that holds itself", pickle("]q\x01" "h\x01" "a"), "the outermost object is no dict"},
      {"a dict that holds itself", pickle("}q\x01" + text("state_dict") + "h\x01s"),
       "holds `state_dict`"},
      {"deep nesting", pickle(repeated("]", 200'000) + repeated("a", 199'999)), "is no dict"},
      {"deep tuples", pickle(")" + repeated("\x85", 1'000'000)), "is no dict"},
      {"a million instructions", pickle(repeated("N0", 1'000'000) + "N"), "is no dict"},
      {"17 million instructions", pickle(repeated("h\x01", 17'000'000)), "never stored"},
      {"17 million marks", "\x80\x02" + std::string(17'000'000, '('), "longer than any"},
      {"5 million objects", "\x80\x02" + std::string(5'000'000, '}'), "more objects than any"},
      {"a reference to a text", pickle(text("x") + "Q"), "no storage"},
      {"a storage without type", pickle(tuple({text("storage"), text("x"), text("0"), text("cpu"),
                                               number(1)}) + "Q"), "no storage"},
      {"a storage of -1", one(tensor(storage("FloatStorage", "0", -1), 0, {1}, {1})),
       "an impossible size"},
      {"a storage beyond 64 bits", one(tensor(storage("DoubleStorage", "0", kHuge), 0, {1}, {1})),
       "an impossible size"},
      {"a storage that isn't there", one(tensor(storage("FloatStorage", "7", 1), 0, {1}, {1})),
       "storage `7`, which is not there"},
      {"a storage outside", one(tensor(storage("FloatStorage", "../version", 1), 0, {1}, {1})),
       "which is not there"},
      {"a storage that is too short", one(tensor(storage("FloatStorage", "0", 5), 0, {5}, {1})),
       "should have 20 bytes, but has only 16"},
      {"a tensor behind its storage", one(tensor(kStorage, 1, {2, 2}, {2, 1})), "reaches behind"},
      {"strides behind it", one(tensor(kStorage, 0, {2, 2}, {3, 1})), "reaches behind"},
      {"a place behind it", one(tensor(kStorage, kHuge, {1}, {1})), "reaches behind"},
      {"a shape beyond 64 bits", one(tensor(kStorage, 0, {kHuge, 4}, {0, 0})), "reaches behind"},
      {"bytes beyond 64 bits", one(tensor(kStorage, 0, {kHuge}, {0})), "reaches behind"},
      {"strides beyond 64 bits", one(tensor(kStorage, 0, {8, 8}, {kHuge, kHuge})), "reaches behind"},
      {"a negative size", one(tensor(kStorage, 0, {-2}, {1})), "is negative"},
      {"a negative stride", one(tensor(kStorage, 3, {4}, {-1})), "is negative"},
      {"a negative place", one(tensor(kStorage, -1, {1}, {1})), "place in its storage"},
      {"more sizes than strides", one(tensor(kStorage, 0, {2, 2}, {1})), "2 dimensions and 1 strides"},
      {"too many dimensions",
       one(tensor(kStorage, 0, std::vector<std::int64_t>(65, 1), std::vector<std::int64_t>(65, 1))),
       "too many dimensions"},
      {"a tensor of no storage", one(tensor(number(1), 0, {1}, {1})), "whose storage is none"},
      {"a tensor of nothing", one(global("torch._utils", "_rebuild_tensor_v2") + ")R"),
       "without a storage"},
      {"a name twice", pickle(dict({{"a", kGood}, {"a", kGood}})), "tensor `a` twice"},
      {"a name that is no text", pickle("}" + number(1) + kGood + "s"), "whose name is no text"},
      {"a name that is no UTF-8", pickle(dict({{"a\xff", kGood}})), "whose name is no text"},
      {"no tensors", pickle(dict({{"epoch", number(1)}})), "the outermost dict holds `epoch`"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.what);
    EXPECT_THAT(outcome(in_file(c.pickle)), HasSubstr(c.message));
  }
}

TEST(TorchFile, RefusesArchivesThatLie) {
  const std::string good = pickle(dict({{"a", kGood}}));
  const Entry data{"data/0", std::string(16, '\0')};
  struct Case {
    const char* what;
    std::string bytes;
    const char* message;
  };
  const auto archive = [](const std::vector<std::pair<std::string, std::string>>& entries) {
    TemporaryDirectory directory;
    const fs::path file = directory.path() / "f";
    {
      ZipWriter zip(file);
      for (const auto& [name, content] : entries) zip.add(name, content);
    }
    return read(file);
  };
  std::string encrypted = in_file(good);
  encrypted[encrypted.find("PK\1\2") + 8] |= 1;
  std::string unknown = in_file(good);
  unknown[unknown.find("PK\1\2") + 10] = 99;
  std::string displaced = in_file(good);
  displaced[displaced.find("PK\1\2") + 42 + 3] = 0x7F;  // the first entry's place: beyond the end
  std::string longer = in_file(good);
  longer[longer.find("PK\1\2") + 20 + 3] = 0x7F;  // its packed size
  // The second entry lies, header and all, within the first one's content.
  const std::string inner = archive({{"a/c", "c"}}).substr(0, 34);
  std::string overlapping = archive({{"a/b", inner}, {"a/c", "c"}});
  overlapping[overlapping.rfind("PK\1\2") + 42] = static_cast<char>(overlapping.find(inner));
  std::string renamed = in_file(good);
  renamed[renamed.find("data.pkl")] = 'D';
  const Case cases[] = {
      {"an empty file", "", "is empty"},
      {"text", "hello", "it is no zip archive"},
      {"a pickle alone", good, "a bare pickle"},
      {"a git-lfs pointer", "version https://git-lfs.github.com/spec/v1\n", "git lfs pull"},
      {"no data.pkl", archive({{"a/b", "c"}}), "without data.pkl"},
      {"no folder", archive({{"data.pkl", good}}), "outside the one folder"},
      {"two folders", archive({{"a/data.pkl", good}, {"b/data.pkl", good}}), "outside the one folder"},
      {"an entry twice", archive({{"a/data.pkl", good}, {"a/data.pkl", good}}), "twice"},
      {"encrypted", encrypted, "encrypted"},
      {"an unknown compression", unknown, "unknown compression 99"},
      {"an entry beyond the end", displaced, "behind the file's end"},
      {"an entry longer than the file", longer, "two different sizes"},
      {"entries over each other", overlapping, "over each other"},
      {"a header that differs", renamed, "differs from the directory"},
      {"more behind the end", in_file(good) + "x", "truncated"},
      {"big-endian", in_file(good, {data, {"byteorder", "big"}}), "another byte order"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.what);
    EXPECT_THAT(outcome(c.bytes), HasSubstr(c.message));
  }
  EXPECT_EQ(outcome(in_file(good, {data, {"byteorder", "little"}})), "");
}

TEST(TorchFile, SurvivesEveryTruncationAndEveryFlippedByte) {
  const std::string whole = read(kReal / "module.bin");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_NE(outcome(whole.substr(0, size)), "") << size;
  }
  std::size_t refused = 0;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string changed = whole;
    changed[i] = static_cast<char>(~changed[i]);
    refused += outcome(changed) != "";
  }
  EXPECT_GT(refused, 400u);  // others hit weights, padding, or names
}

TEST(TorchFile, ReadsArchivesOverFourGigabytes) {
  TemporaryDirectory directory;
  const fs::path file = directory.path() / "large.bin";
  constexpr std::int64_t kElements = 1'100'000'000;
  {
    ZipWriter zip(file);
    zip.add("large/data.pkl",
            pickle(dict({{"hole", tensor(storage("FloatStorage", "0", kElements), 0, {kElements}, {1})},
                         {"last", tensor(storage("ByteStorage", "1", 4), 0, {4}, {1})}})));
    zip.add_hole("large/data/0", kElements * 4);
    zip.add("large/data/1", "last");
  }
  const Weights weights = Weights::of(open_torch(file, {}));
  EXPECT_EQ(weights.find("hole")->bytes, kElements * 4);
  EXPECT_GT(weights.find("last")->offset, std::uint64_t{1} << 32);
  EXPECT_THAT(values<char>(weights, "last"), ElementsAre('l', 'a', 's', 't'));
}

}  // namespace
}  // namespace switchyard::torch
