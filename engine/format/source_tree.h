// A YAML document as its author wrote it: the tree of parse_yaml with what that leaves out, the
// spelling of scalars, the style of collections, anchors, comments and blank lines.
//
// The YAML parser gives the structure and where each node begins; where a scalar ends, and the
// comments between, is read off the text. Text between the nodes that is neither blank, comment nor
// punctuation is an error, so that nothing is lost unseen.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard::format {

struct Comment {
  std::size_t begin = 0;   // offset of the '#'
  std::size_t line = 0;    // from 0
  std::size_t column = 0;  // from 0, in bytes
  bool blank_before = false;
  std::string text;  // from '#' to the end of the line, without trailing blanks
};

struct Element;

struct Node {
  enum class Kind { kNull, kScalar, kAlias, kMap, kList };

  Kind kind = Kind::kNull;
  bool flow = false;            // of maps and lists: in braces or brackets
  bool brackets = true;         // of flow maps: false for the single pair in [a: b]
  bool block_scalar = false;    // | or >
  bool keeps_newlines = false;  // |+ or >+: the empty lines after it are its own
  bool has_anchors = false;     // an anchor or alias here or below
  bool has_properties = false;  // an anchor or tag of the node itself
  std::string properties;       // "&tokens", "!!str"
  // Of scalars and aliases, as written. Lines after the first stand without their indentation.
  std::vector<std::string> lines;
  std::string parsed;  // a scalar's text as the parser has it
  std::vector<Element> elements;
  std::vector<Comment> tail;  // after the last element
  std::size_t begin = 0;      // offset
  bool one_line = true;       // in the source
  // Flow only: written on one line, without anything after it; kNever when that can't be.
  static constexpr std::size_t kNever = std::numeric_limits<std::size_t>::max();
  std::size_t flat_width = 0;

  bool is_collection() const { return kind == Kind::kMap || kind == Kind::kList; }
  bool is_block() const { return is_collection() && !flow; }
};

// An entry of a map, or an item of a list.
struct Element {
  std::vector<Comment> leading;      // on the lines before it
  bool blank_before = false;         // directly before it, after `leading`
  Node key;                          // of maps
  bool has_colon = true;             // false for {a, b}
  std::vector<Comment> key_comment;  // behind the key of a block collection; continued below
  Node value;
  std::vector<Comment> trailing;  // behind the value; the second and later ones continue it below
  bool is_row = false;            // a row of a table: written on one line it stays there
};

struct Document {
  std::vector<Comment> header;  // before the first element
  Node root;
  std::vector<Comment> all_comments;  // in the order of the text
};

// `text` is one document that parse_yaml has read; lines end in '\n' alone. Throws Error(kUsage)
// where the text is beyond what can be followed.
Document read_source(std::string_view text, const std::string& file, int first_line);

}  // namespace switchyard::format
