// The rules compiled into the program.
//
// The engine does not contain them: a program that wants them links the object library
// switchyard_embedded_rules, which hands its blob over before main. A program that does not link it
// has no embedded rules, and loads rules from directories and texts only.
#pragma once

#include <cstddef>
#include <span>

namespace switchyard {

// `blob` was written by rulec, and must live as long as the program. Not thread-safe: call it
// before the first RuleBook is loaded.
void set_embedded_rules(std::span<const std::byte> blob);

// Empty when nothing was handed over.
std::span<const std::byte> embedded_rules();

}  // namespace switchyard
