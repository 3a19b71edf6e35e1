// Seeded faults: what somebody might do to the shipped rules by mistake, and who must notice it.
#pragma once

#include <span>

namespace switchyard {

enum class CaughtBy {
  kCheck,  // `rules check` finds an error there
  kWarn,   // `rules check` finds a warning there
  kTest,   // `rules check` finds nothing wrong, a golden case changes through the rule there
};

struct Mutation {
  const char* name;
  CaughtBy by;
  const char* file;  // below rules/; a new name is an overlay's file with `now` as its text
  const char* was;   // the first occurrence is replaced; empty for an overlay
  const char* now;
  // Where it must be reported: the line in which this text stands, looked for from the replacement
  // on; the file's end counts on from its start, so that it may also stand before.
  const char* at;
  const char* what;  // a part of the message; of kTest: the id of the rule that it must name
  const char* in = nullptr;  // the file in which it is reported, where that is another one
};

std::span<const Mutation> mutations();

}  // namespace switchyard
