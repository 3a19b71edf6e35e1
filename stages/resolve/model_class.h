// Which class carries the task out.
#pragma once

#include <string>

#include "engine/facts.h"
#include "stages/resolve/asker.h"
#include "stages/resolve/resolve.h"

namespace switchyard {

// The class and, where a rule chose it, the rule. The facts carry `task` while rules are asked and
// have it unchanged afterwards.
struct ClassChoice {
  std::string name;  // empty: no class serves the task for this model type
  Decision decision;
  bool by_rule = false;     // else a knowledge table or the user gave the class
  bool own_config = false;  // the config is the class's own, not a part of its parent's
  std::string why_none;     // when `name` is empty
};

// `task`: as decided; a user's task as the user wrote it. By rule (the task as written, then its
// canonical form), else the first Auto class of the task that accepts the model type.
ClassChoice choose_class(const Asker& asker, const std::string& task, const std::string& model_type,
                         Facts& facts);

// The class that the user named. It must be known, or be the one that the rules give for the task.
ClassChoice named_class(const Asker& asker, const std::string& task, const std::string& name,
                        Facts& facts);

}  // namespace switchyard
