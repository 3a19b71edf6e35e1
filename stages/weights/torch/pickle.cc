#include "stages/weights/torch/pickle.h"

#include <cstring>
#include <limits>
#include <utility>

#include "engine/error.h"
#include "engine/text.h"
#include "stages/weights/torch/rebuild.h"

namespace switchyard::torch {
namespace {

// A checkpoint of 100,000 tensors takes some 10 MB, 4 million instructions and 2 million nodes.
constexpr std::size_t kMostBytes = std::size_t{64} << 20;
constexpr std::size_t kMostInstructions = 16'000'000;
constexpr std::size_t kMostNodes = 4'000'000;
constexpr std::uint8_t kNewestProtocol = 5;

// The instructions, by their names in pickletools.py.
enum Op : std::uint8_t {
  kMark = '(',
  kStop = '.',
  kPop = '0',
  kPopMark = '1',
  kBinFloat = 'G',
  kBinInt = 'J',
  kBinInt1 = 'K',
  kBinInt2 = 'M',
  kNone = 'N',
  kBinPersistentId = 'Q',
  kReduce = 'R',
  kBinUnicode = 'X',
  kBinBytes = 'B',
  kShortBinBytes = 'C',
  kAppend = 'a',
  kBuild = 'b',
  kGlobal = 'c',
  kAppends = 'e',
  kBinGet = 'h',
  kLongBinGet = 'j',
  kBinPut = 'q',
  kLongBinPut = 'r',
  kSetItem = 's',
  kTuple = 't',
  kSetItems = 'u',
  kEmptyList = ']',
  kEmptyTuple = ')',
  kEmptyDict = '}',
  kProtocol = 0x80,
  kNewObject = 0x81,
  kTuple1 = 0x85,
  kTuple2 = 0x86,
  kTuple3 = 0x87,
  kTrue = 0x88,
  kFalse = 0x89,
  kLong1 = 0x8a,
  kShortBinUnicode = 0x8c,
  kBinUnicode8 = 0x8d,
  kBinBytes8 = 0x8e,
  kEmptySet = 0x8f,
  kAddItems = 0x90,
  kFrozenSet = 0x91,
  kStackGlobal = 0x93,
  kMemoize = 0x94,
  kFrame = 0x95,
  kByteArray8 = 0x96,
};

class Machine {
 public:
  Machine(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  Pickle run() {
    for (std::size_t count = 0; !stopped_; ++count) {
      if (count >= kMostInstructions) fail("is longer than any checkpoint's");
      step(static_cast<std::uint8_t>(take(1).front()));
    }
    result_.root = pop();
    result_.size = at_;
    return std::move(result_);
  }

 private:
  using Kind = Node::Kind;

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorKind::kModel, Place{file_},
                "the pickle " + what + " (byte " + std::to_string(at_) + " of it)",
                "Download the file again; nothing in it was executed");
  }

  // The bytes of an instruction.
  std::string_view take(std::uint64_t size) {
    if (size > text_.size() - at_) fail("ends in the middle of an instruction: it is truncated");
    const std::string_view bytes = text_.substr(at_, size);
    at_ += size;
    return bytes;
  }
  std::uint64_t take_number(std::size_t bytes) {
    std::uint64_t number = 0;
    const std::string_view from = take(bytes);
    for (std::size_t i = bytes; i-- > 0;) {
      number = number << 8 | static_cast<std::uint8_t>(from[i]);
    }
    return number;
  }
  std::string_view take_line() {
    const std::size_t end = text_.find('\n', at_);
    if (end == text_.npos) fail("ends in the middle of a name: it is truncated");
    const std::string_view line = text_.substr(at_, end - at_);
    at_ = end + 1;
    return line;
  }
  // Little-endian two's complement of any length, as far as 64 bits hold it.
  std::int64_t take_long() {
    const std::size_t size = take_number(1);
    if (size > 8) fail("has an integer beyond 64 bits");
    if (size == 0) return 0;
    const std::uint64_t number = take_number(size);
    const unsigned unused = static_cast<unsigned>(64 - 8 * size);
    return static_cast<std::int64_t>(number << unused) >> unused;
  }

  Node& node(NodeId id) { return result_.nodes[id]; }
  void push_id(NodeId id) { stack_.push_back(id); }
  void push(Node made) {
    if (result_.nodes.size() >= kMostNodes) fail("has more objects than any checkpoint");
    push_id(static_cast<NodeId>(result_.nodes.size()));
    result_.nodes.push_back(std::move(made));
  }
  void push(Kind kind) { push(Node{.kind = kind}); }
  void push_int(std::int64_t number) { push(Node{.kind = Kind::kInt, .number = number}); }
  void push_string(std::string_view text) { push(Node{.kind = Kind::kString, .text = text}); }

  std::size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }
  NodeId top() const {
    if (stack_.size() <= floor()) fail("takes more from its stack than there is");
    return stack_.back();
  }
  NodeId pop() {
    const NodeId id = top();
    stack_.pop_back();
    return id;
  }
  // What was pushed since the last mark, which goes too.
  std::vector<NodeId> pop_marked() {
    if (marks_.empty()) fail("looks for a mark that it never set");
    const auto from = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    std::vector<NodeId> items(from, stack_.end());
    stack_.erase(from, stack_.end());
    marks_.pop_back();
    return items;
  }
  std::vector<NodeId> pop_last(std::size_t count) {
    std::vector<NodeId> items(count);
    for (std::size_t i = count; i-- > 0;) items[i] = pop();
    return items;
  }

  void push_tuple(std::vector<NodeId> items) {
    push(Node{.kind = Kind::kTuple, .items = std::move(items)});
  }
  void add_items(Kind kind, const std::vector<NodeId>& items) {
    Node& to = node(top());
    // A set is kept as something that nobody asks.
    if (to.kind == Kind::kInert && kind == Kind::kList) return;
    if (to.kind != kind) fail("adds items to something that holds none");
    if (kind == Kind::kDict && items.size() % 2 != 0) fail("has a key without its value");
    to.items.insert(to.items.end(), items.begin(), items.end());
  }

  void remember(std::uint64_t place) {
    // Python counts up from 0. Any other number would only cost memory.
    if (place > at_) fail("numbers its objects as Python never does");
    if (place >= memo_.size()) memo_.resize(place + 1, kForgotten);
    memo_[place] = top();
  }
  void recall(std::uint64_t place) {
    if (place >= memo_.size() || memo_[place] == kForgotten) {
      fail("asks for an object that it never stored");
    }
    push_id(memo_[place]);
  }

  void call_top() {
    const NodeId arguments = pop();
    const NodeId function = pop();
    push(call(result_, function, arguments, file_));
  }
  // The state of an object beyond its items: an OrderedDict's `_metadata`. Nobody asks for it.
  void drop_state() {
    pop();
    const Kind kind = node(top()).kind;
    if (kind != Kind::kDict && kind != Kind::kInert) {
      fail("gives a state to something that has none");
    }
  }

  void step(std::uint8_t op) {
    switch (op) {
      case kProtocol:
        if (const auto version = take_number(1); version > kNewestProtocol) {
          fail("is of protocol " + std::to_string(version) + ", which is not known");
        }
        return;
      case kFrame:
        take_number(8);
        return;
      case kStop:
        stopped_ = true;
        return;
      case kMark:
        marks_.push_back(stack_.size());
        return;
      case kPop:
        // A mark on top goes first.
        if (!marks_.empty() && marks_.back() == stack_.size()) {
          marks_.pop_back();
        } else {
          pop();
        }
        return;
      case kPopMark:
        pop_marked();
        return;

      case kNone:
        return push(Kind::kNone);
      case kTrue:
      case kFalse:
        return push(Node{.kind = Kind::kBool, .number = op == kTrue});
      case kBinInt:
        return push_int(static_cast<std::int32_t>(take_number(4)));
      case kBinInt1:
        return push_int(static_cast<std::int64_t>(take_number(1)));
      case kBinInt2:
        return push_int(static_cast<std::int64_t>(take_number(2)));
      case kLong1:
        return push_int(take_long());
      case kBinFloat:
        take(8);
        return push(Kind::kInert);
      case kBinUnicode:
        return push_string(take(take_number(4)));
      case kShortBinUnicode:
        return push_string(take(take_number(1)));
      case kBinUnicode8:
        return push_string(take(take_number(8)));
      case kBinBytes:
        take(take_number(4));
        return push(Kind::kInert);
      case kShortBinBytes:
        take(take_number(1));
        return push(Kind::kInert);
      case kBinBytes8:
      case kByteArray8:
        take(take_number(8));
        return push(Kind::kInert);

      case kEmptyTuple:
        return push(Kind::kTuple);
      case kTuple1:
      case kTuple2:
      case kTuple3:
        return push_tuple(pop_last(op - kTuple1 + std::size_t{1}));
      case kTuple:
        return push_tuple(pop_marked());
      case kEmptyList:
        return push(Kind::kList);
      case kAppend:
        return add_items(Kind::kList, pop_last(1));
      case kAppends:
        return add_items(Kind::kList, pop_marked());
      case kEmptyDict:
        return push(Kind::kDict);
      case kSetItem:
        return add_items(Kind::kDict, pop_last(2));
      case kSetItems:
        return add_items(Kind::kDict, pop_marked());
      case kEmptySet:
        return push(Kind::kInert);
      case kAddItems:
        return add_items(Kind::kList, pop_marked());
      case kFrozenSet:
        pop_marked();
        return push(Kind::kInert);

      case kBinPut:
        return remember(take_number(1));
      case kLongBinPut:
        return remember(take_number(4));
      case kMemoize:
        return remember(memo_.size());
      case kBinGet:
        return recall(take_number(1));
      case kLongBinGet:
        return recall(take_number(4));

      case kGlobal: {
        const std::string_view module = take_line();
        return push(find_name(module, take_line(), file_));
      }
      case kStackGlobal: {
        const NodeId name = pop();
        const NodeId module = pop();
        if (node(name).kind != Kind::kString || node(module).kind != Kind::kString) {
          fail("asks for a name that is no text");
        }
        return push(find_name(node(module).text, node(name).text, file_));
      }
      case kReduce:
      case kNewObject:
        return call_top();
      case kBuild:
        return drop_state();
      case kBinPersistentId:
        return push(find_storage(result_, pop(), file_));
      default:
        fail("has the instruction " + std::to_string(op) +
             ", which torch.save never writes for a state dict");
    }
  }

  static constexpr NodeId kForgotten = std::numeric_limits<NodeId>::max();

  std::string_view text_;
  const std::string& file_;
  std::size_t at_ = 0;
  bool stopped_ = false;
  Pickle result_;
  std::vector<NodeId> stack_;
  std::vector<std::size_t> marks_;  // sizes that the stack had
  std::vector<NodeId> memo_;
};

}  // namespace

Pickle read_pickle(std::span<const std::byte> bytes, const std::string& file) {
  if (bytes.size() > kMostBytes) {
    throw Error(ErrorKind::kModel, Place{file},
                "has a pickle of " + std::to_string(bytes.size()) +
                    " bytes, more than any state dict takes",
                "Save the state dict alone: torch.save(model.state_dict(), ...)");
  }
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return Machine(text, file).run();
}

}  // namespace switchyard::torch
