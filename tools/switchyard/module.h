// Parts of the program that are opened when they are first used: what they link costs milliseconds
// at every start.
#pragma once

#include <string>

namespace switchyard {

// Opens MODULE.so beside the program (bin/../lib/switchyard) and gives the address of its one
// exported symbol, a function. The module stays loaded until the process ends.
// Throws Error(kModel) when it is not there or can't be loaded.
void* open_module(const std::string& file, const char* symbol);

// Throws Error(kModel) when `version` is not the program's own.
void require_module_version(const std::string& file, const char* version);

}  // namespace switchyard
