// A golden report as programs read it.
#pragma once

#include <string>

#include "engine/value.h"
#include "stages/workshop/golden/golden.h"

namespace switchyard {

// {cases, failed, results: [{file, line, name, passed, differences: [{field, expected, actual,
//  before: RULE, after: RULE}]}], updated: [FILE], coverage: {rules, exercised, percent, threshold,
//  tables: [{decision, rules, not_exercised: [{rule, file, line}]}]}}; coverage is null when it was
// not asked for. RULE is {decision, rule, file, line, fate}, or null.
Value golden_json(const GoldenReport& report);

// Test Anything Protocol, version 13; a coverage threshold is one more test.
std::string golden_tap(const GoldenReport& report);

// JUnit XML as CI systems read it: a test suite a file, a test case a golden case. A coverage
// threshold is a suite of its own.
std::string golden_junit(const GoldenReport& report);

}  // namespace switchyard
