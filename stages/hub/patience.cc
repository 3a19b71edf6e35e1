#include "stages/hub/patience.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>

namespace switchyard {

std::optional<double> Patience::next_wait(std::optional<double> asked) {
  if (++failures_ >= limits_.attempts) return {};
  if (asked) return *asked <= limits_.longest_wait_seconds ? asked : std::nullopt;
  return std::min(std::ldexp(limits_.first_wait_seconds, failures_ - 1),
                  limits_.longest_wait_seconds);
}

void sleep_unless(double seconds, const std::atomic<bool>& stop) {
  constexpr auto kSlice = std::chrono::milliseconds(20);
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  while (!stop) {
    const auto left = end - std::chrono::steady_clock::now();
    if (left <= left.zero()) return;
    std::this_thread::sleep_for(std::min<std::chrono::duration<double>>(left, kSlice));
  }
}

}  // namespace switchyard
