// kill -9 in the middle, and two programs at once.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <thread>

#include "tests/hub/hub_server.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// The deadline only ends a test that fails.
bool wait_until(const std::function<bool()>& holds) {
  for (int i = 0; i < 6000; ++i) {
    if (holds()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

fs::path draft_in(const fs::path& blobs) {
  std::error_code error;
  for (fs::directory_iterator it(blobs, error), end; !error && it != end; it.increment(error)) {
    if (it->path().extension() == ".incomplete") return it->path();
  }
  return {};
}

class Killed : public testing::TestWithParam<std::uintmax_t> {};

TEST_P(Killed, GoesOnWhereItStopped) {
  HubWorld world;
  world.server.add_digits();
  world.server.set_faults(R"([{"match": "cdn GET", "times": 1, "hold": )" +
                          std::to_string(GetParam()) + "}]");
  {
    RunningProgram program({"export", "-m", "org/digits", "-o", (world.output / "model").string()},
                           world.input());
    ASSERT_TRUE(wait_until([&] {
      std::error_code error;
      const fs::path draft = draft_in(world.entry() / "blobs");
      return !draft.empty() && fs::file_size(draft, error) == GetParam() &&
             !world.server.log_of("cdn GET").empty();
    }));
    program.kill();
    EXPECT_EQ(program.wait().status, 128 + SIGKILL);
  }
  EXPECT_FALSE(fs::exists(world.snapshot() / "model.safetensors"));
  EXPECT_FALSE(fs::exists(world.output / "model/model.onnx"));
  world.expect_sound_cache();

  world.server.clear_log();
  const ProgramResult again = world.export_to("model");
  EXPECT_EQ(again.status, 0) << again.err;
  const auto requests = world.server.log_of("cdn GET");
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_EQ(requests[0].range, GetParam() == 0 ? "" : "bytes=" + std::to_string(GetParam()) + "-");
  EXPECT_TRUE(
      world.server
          .log_of("hub GET /org/digits/resolve/" + std::string(HubServer::kCommit) + "/config.json")
          .empty())
      << "what was whole is not fetched again";
  EXPECT_EQ(read_text(world.snapshot() / "model.safetensors"), digits_file("model.safetensors"));
  EXPECT_TRUE(draft_in(world.entry() / "blobs").empty());
  world.expect_sound_cache();
}
INSTANTIATE_TEST_SUITE_P(Download, Killed, testing::Values(0, 1, 1000000, 1511007));

TEST(Interruption, AConfigurationThatIsHalfThereIsNotTakenForAWhole) {
  HubWorld world;
  world.server.add_digits();
  world.server.set_faults(R"([{"match": "GET .*README", "times": 1, "hold": 100}])");
  {
    RunningProgram program({"inspect", "-m", "org/digits"}, world.input());
    ASSERT_TRUE(wait_until([&] {
      return !world.server
                  .log_of("GET /org/digits/resolve/" + std::string(HubServer::kCommit) +
                          "/README.md")
                  .empty();
    }));
    program.kill();
    program.wait();
  }
  EXPECT_FALSE(fs::exists(world.snapshot() / "config.json"));
  const ProgramResult again = world.run({"inspect", "-m", "org/digits"});
  EXPECT_EQ(again.status, 0) << again.err;
  EXPECT_EQ(read_text(world.snapshot() / "README.md"), digits_file("README.md"));
}

TEST(Interruption, TwoProgramsFetchEachFileOnce) {
  HubWorld world;
  world.server.add_digits();
  world.server.set_faults(R"([{"match": "GET .*resolve|cdn GET", "delay": 0.2}])");
  const auto start = [&](const char* name) {
    return std::make_unique<RunningProgram>(
        std::vector<std::string>{"export", "-m", "org/digits", "-o",
                                 (world.output / name).string()},
        world.input());
  };
  const auto a = start("a");
  const auto b = start("b");
  for (RunningProgram* program : {a.get(), b.get()}) {
    const ProgramResult result = program->wait();
    EXPECT_EQ(result.status, 0) << result.err;
  }
  EXPECT_EQ(world.server.log_of("cdn GET").size(), 1u);
  for (const char* file : {"config.json", "README.md"}) {
    EXPECT_EQ(
        world.server
            .log_of("hub GET /org/digits/resolve/" + std::string(HubServer::kCommit) + "/" + file)
            .size(),
        1u)
        << file;
  }
  world.expect_sound_cache();
}

TEST(Interruption, WaitsForALockThatAnotherProgramHolds) {
  HubWorld world;
  world.server.add_digits();
  // As the Python library locks: flock on .locks/ENTRY/ETAG.lock.
  const fs::path locks = world.cache / ".locks/models--org--digits";
  ASSERT_EQ(world.run({"inspect", "-m", "org/digits"}).status, 0);
  std::string etag;
  world.server.set_faults(R"([{"match": "cdn GET", "times": 1, "hold": 10}])");
  {
    RunningProgram program({"export", "-m", "org/digits", "-o", (world.output / "x").string()},
                           world.input());
    ASSERT_TRUE(wait_until([&] { return !world.server.log_of("cdn GET").empty(); }));
    etag = draft_in(world.entry() / "blobs").stem().string();
  }
  ASSERT_EQ(etag.size(), 64u);
  const int descriptor = ::open((locks / (etag + ".lock")).c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_GE(descriptor, 0);
  ASSERT_EQ(::flock(descriptor, LOCK_EX), 0);
  world.server.clear_log();
  RunningProgram program({"export", "-m", "org/digits", "-o", (world.output / "model").string()},
                         world.input());
  ASSERT_TRUE(wait_until([&] { return !world.server.log_of("HEAD").empty(); }));
  // Long enough for a program that does not wait; one that does passes at any speed.
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_TRUE(world.server.log_of("cdn GET").empty());
  ::close(descriptor);
  const ProgramResult result = program.wait();
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(world.server.log_of("cdn GET").size(), 1u);
}

}  // namespace
}  // namespace switchyard
