#include "engine/faults.h"

#include <string>

namespace switchyard {

void throw_faults(const Faults& faults) {
  if (faults.size() == 0) return;
  const Error& first = faults.list().front().error;
  if (faults.size() == 1) throw first;
  std::string text = std::to_string(faults.size()) + " things are wrong:";
  for (const Fault& fault : faults.list()) text += std::string("\n  ") + fault.error.what();
  throw Error(first.kind(), {}, text);
}

}  // namespace switchyard
