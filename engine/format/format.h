// Canonical formatting of rule files: one layout, whoever wrote them.
//
// Kept: every value, every comment, the spelling of scalars, whether a collection is written in
// flow or block style, single empty lines. Fixed: indentation, blanks, the width of flow
// collections, the order of the keys of documents and rules. docs/rules.md has the rules
// ("Formatting").
//
// Written here because no emitter at hand keeps comments: libfyaml 0.7 (Debian 12) calls its
// comments experimental and loses those at the head of a file, and its flow style has no fill.
#pragma once

#include <string>
#include <string_view>

namespace switchyard {

// The text of a file of one or several YAML documents in its canonical form; formatting it again
// changes nothing. What it means was compared with what the old text means, and the comments too.
// Throws Error(kUsage) with the place: text that is no YAML, or that can't be formatted safely.
std::string format_rules(std::string_view text, const std::string& file);

}  // namespace switchyard
