// The engine as another program gets it: installed, found by CMake, compiled against, run.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/temporary_directory.h"
#include "tests/cli/run_program.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;

const fs::path kExample = fs::path(SWITCHYARD_SOURCE_DIR) / "examples/engine";

class EngineLibrary : public testing::Test {
 protected:
  void SetUp() override {
    run(std::string(SWITCHYARD_CMAKE) + " --install " + SWITCHYARD_BINARY_DIR +
        " --component engine --prefix " + prefix.string());
  }

  void run(const std::string& command) {
    const fs::path log = directory / "log";
    const std::string logged = command + " > " + log.string() + " 2>&1";
    ASSERT_EQ(std::system(logged.c_str()), 0) << command << "\n" << read_text(log);
  }

  TemporaryDirectory directory;
  fs::path prefix = directory / "prefix";
};

TEST_F(EngineLibrary, EveryInstalledHeaderCompilesAlone) {
  std::vector<std::string> headers;
  const fs::path include = prefix / "include/switchyard";
  for (const auto& entry : fs::recursive_directory_iterator(include)) {
    if (entry.is_regular_file()) {
      headers.push_back(entry.path().lexically_relative(include).generic_string());
    }
  }
  ASSERT_GE(headers.size(), 11u);
  std::string cmake =
      "cmake_minimum_required(VERSION 3.25)\nproject(headers LANGUAGES CXX)\n"
      "find_package(switchyard 0.1 REQUIRED)\nadd_library(headers OBJECT";
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const std::string name = "h" + std::to_string(i) + ".cc";
    // Twice, so that it must guard itself.
    write_text(directory / ("headers/" + name),
               "#include \"" + headers[i] + "\"\n#include \"" + headers[i] + "\"\n");
    cmake += " " + name;
  }
  cmake +=
      ")\ntarget_compile_options(headers PRIVATE -Wall -Wextra -Werror -fsyntax-only)\n"
      "target_link_libraries(headers PRIVATE switchyard::switchyard)\n";
  write_text(directory / "headers/CMakeLists.txt", cmake);
  run(std::string(SWITCHYARD_CMAKE) + " -S " + (directory / "headers").string() + " -B " +
      (directory / "build").string() + " -DCMAKE_PREFIX_PATH=" + prefix.string());
  run(std::string(SWITCHYARD_CMAKE) + " --build " + (directory / "build").string());
}

TEST_F(EngineLibrary, TheExampleDecides) {
  run(std::string(SWITCHYARD_CMAKE) + " -S " + kExample.string() + " -B " +
      (directory / "build").string() + " -DCMAKE_PREFIX_PATH=" + prefix.string());
  run(std::string(SWITCHYARD_CMAKE) + " --build " + (directory / "build").string());
  const auto ship = [&](std::vector<std::string> facts) {
    std::vector<std::string> arguments = {"shipping.yaml"};
    arguments.insert(arguments.end(), facts.begin(), facts.end());
    ProgramInput input;
    input.program = (directory / "build/shipping").string();
    input.directory = kExample.string();
    return run_program(arguments, input);
  };

  const ProgramResult far = ship({"country=Japan", "weight=2.5", "express=true", "value=800"});
  EXPECT_EQ(far.status, 0) << far.err;
  // The README shows this very output.
  const std::string readme = read_text(kExample / "README.md");
  std::size_t begin = 0;
  while (begin < far.out.size()) {
    const std::size_t end = far.out.find('\n', begin);
    const std::string line = far.out.substr(begin, end - begin);
    EXPECT_NE(readme.find("    " + line + "\n"), std::string::npos) << line;
    begin = end + 1;
  }
  EXPECT_NE(far.out.find("total: 47.25\n"), std::string::npos) << far.out;

  const ProgramResult home = ship({"country=GERMANY", "weight=1", "fragile=true"});
  EXPECT_EQ(home.status, 0) << home.err;
  EXPECT_NE(home.out.find("carrier: road, 5.70\nand careful handling: 3.50\ntotal: 9.20\n"),
            std::string::npos)
      << home.out;

  const ProgramResult heavy = ship({"country=France", "weight=31"});
  EXPECT_EQ(heavy.status, 3);
  EXPECT_NE(heavy.out.find("refused: 31 kg is more"), std::string::npos) << heavy.out;

  EXPECT_EQ(ship({"weight"}).status, 2);
}

}  // namespace
}  // namespace switchyard
