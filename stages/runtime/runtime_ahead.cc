#include "stages/runtime/runtime_ahead.h"

#include <exception>

#include "stages/runtime/ort.h"

namespace switchyard {

RuntimeAhead::~RuntimeAhead() {
  if (thread_.joinable()) thread_.join();
}

void RuntimeAhead::start() noexcept {
  if (thread_.joinable()) return;
  try {
    thread_ = std::thread([] {
      try {
        ort_environment();
      } catch (const std::exception&) {
      }
    });
  } catch (const std::exception&) {
    // No thread to be had: the library is loaded when it is needed.
  }
}

}  // namespace switchyard
