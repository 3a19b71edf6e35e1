#include "stages/hub/patience.h"

#include <gtest/gtest.h>

namespace switchyard {
namespace {

TEST(Patience, DoublesTheWaitUpToALimitAndEnds) {
  Patience patience({.attempts = 6, .first_wait_seconds = 0.5, .longest_wait_seconds = 3});
  for (const double wait : {0.5, 1.0, 2.0, 3.0, 3.0}) EXPECT_EQ(patience.next_wait(), wait);
  EXPECT_EQ(patience.next_wait(), std::nullopt);
}

TEST(Patience, CountsAnewAfterProgress) {
  Patience patience({.attempts = 2, .first_wait_seconds = 1, .longest_wait_seconds = 3});
  EXPECT_EQ(patience.next_wait(), 1.0);
  patience.reset();
  EXPECT_EQ(patience.next_wait(), 1.0);
  EXPECT_EQ(patience.next_wait(), std::nullopt);
}

TEST(Patience, HeedsWhatTheServerAsksFor) {
  Patience patience({.attempts = 9, .first_wait_seconds = 1, .longest_wait_seconds = 60});
  EXPECT_EQ(patience.next_wait(0.0), 0.0);
  EXPECT_EQ(patience.next_wait(60.0), 60.0);
  EXPECT_EQ(patience.next_wait(61.0), std::nullopt);
}

TEST(Patience, SleepsNotAtAllWhenStopped) {
  const std::atomic<bool> stop{true};
  sleep_unless(1e6, stop);  // returns
}

}  // namespace
}  // namespace switchyard
