#include "stages/build/output_lock.h"

#include <gtest/gtest.h>

#include <memory>

#include "engine/error.h"
#include "tests/support/temporary_directory.h"

namespace switchyard {
namespace {

TEST(OutputLock, OneAtATime) {
  TemporaryDirectory directory;
  auto first = std::make_unique<OutputLock>(directory.path());
  try {
    OutputLock second(directory.path());
    FAIL() << "two builds in one directory";
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("another build"), std::string::npos) << e.what();
    EXPECT_EQ(e.exit_status(), 1);
  }
  first.reset();
  EXPECT_NO_THROW(OutputLock third(directory.path()));
}

TEST(OutputLock, ADirectoryThatIsNotThereIsAnError) {
  TemporaryDirectory directory;
  EXPECT_THROW(OutputLock lock(directory / "nowhere"), Error);
}

}  // namespace
}  // namespace switchyard
