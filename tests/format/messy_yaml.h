// Random YAML documents as careless authors write them.
#pragma once

#include <random>
#include <string>

namespace switchyard {

// One document, a map: block and flow collections at any indentation, scalars of every style over
// one or several lines, anchors, comments and empty lines wherever YAML allows them. It looks like
// a decision table, a knowledge table or like nothing in particular.
std::string messy_yaml(std::mt19937& random);

}  // namespace switchyard
