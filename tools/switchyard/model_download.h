// A model of the Hub that is not, or not wholly, in the local cache.
#pragma once

#include "engine/rule_book.h"
#include "stages/hub/download.h"
#include "tools/switchyard/arguments.h"

namespace switchyard {

// Downloads what `scope` needs of arguments.model, when that is a Hub id and no path and the cache
// lacks it. Nothing is asked of the network when the cache has it at the revision. Progress goes to
// standard error. Throws Error as download_model.
void download_missing(const Arguments& arguments, const RuleBook& rules, HubScope scope);

}  // namespace switchyard
