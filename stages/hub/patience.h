// When to try again, and after how long.
#pragma once

#include <atomic>
#include <optional>

namespace switchyard {

struct PatienceLimits {
  int attempts = 1;  // in a row without progress
  double first_wait_seconds = 0;
  double longest_wait_seconds = 0;
};

class Patience {
 public:
  explicit Patience(const PatienceLimits& limits) : limits_(limits) {}

  // After a failed attempt: how many seconds to wait before the next one, the double of the wait
  // before, or what the server `asked` for. Nothing when there is to be none: the attempts are used
  // up, or the server asks for more than the longest wait.
  std::optional<double> next_wait(std::optional<double> asked = {});
  // There was progress: the attempts count anew.
  void reset() { failures_ = 0; }

 private:
  PatienceLimits limits_;
  int failures_ = 0;
};

// Sleeps, but ends early when `stop` becomes true.
void sleep_unless(double seconds, const std::atomic<bool>& stop);

}  // namespace switchyard
