// Loads ONNX Runtime in the background, for whoever will need it soon and has other work till then:
// loading takes 8 to 10 ms, about as long as evaluating a recipe.
#pragma once

#include <thread>

namespace switchyard {

class RuntimeAhead {
 public:
  RuntimeAhead() = default;
  ~RuntimeAhead();  // waits for the loading to end
  RuntimeAhead(const RuntimeAhead&) = delete;
  RuntimeAhead& operator=(const RuntimeAhead&) = delete;

  // Does nothing the second time. Never throws: a library that can't be loaded is for the first
  // Session to report.
  void start() noexcept;

 private:
  std::thread thread_;
};

}  // namespace switchyard
