// The order of keys that rule files are written in.
#pragma once

#include "engine/format/source_tree.h"

namespace switchyard::format {

// Sorts the keys of the document and of the rules in it; keys that are not known keep their order
// behind the known ones. Maps with anchors or aliases in them stay as they are, for an alias must
// stand behind its anchor. Marks the rows of tables. A document that is no rule file stays as it
// is.
void order_keys(Node& root);

}  // namespace switchyard::format
