// The fuzz target over its seeds: files that PyTorch wrote, their pickles, and what fuzzing found.
// Texts made to hurt are in tests/weights/torch_file_test.cc.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

TEST(TorchFileFuzz, SeedsAndWhatFuzzingFound) {
  std::size_t count = 0;
  for (const char* folder : {"/tests/fuzz/torch_files", "/tests/data/torch"}) {
    for (const auto& entry :
         std::filesystem::directory_iterator(std::string(SWITCHYARD_SOURCE_DIR) + folder)) {
      SCOPED_TRACE(entry.path().filename().string());
      std::ifstream in(entry.path(), std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(in), {}};
      EXPECT_EQ(LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                       bytes.size()), 0);
      ++count;
    }
  }
  EXPECT_GE(count, 14u);
}

}  // namespace
