// Layers that repeat, written once: keeps golden node lists short enough to read.
#pragma once

#include <string>

namespace switchyard::recipes_test {

// Where lines come again that differ only in the indices of their node scopes ("/layer.3/"), the
// repetitions give way to one line that counts them and names their last node.
std::string without_repeats(const std::string& lines);

}  // namespace switchyard::recipes_test
