#include "stages/checkpoint/safetensors_header.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "engine/error.h"
#include "engine/text.h"

namespace switchyard {
namespace {

constexpr std::string_view kMend = "Download the file again, or save it again with safetensors";
constexpr std::size_t kRankLimit = 64;

// Precondition: `code` is a Unicode scalar value.
void append_utf8(std::string& out, std::uint32_t code) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  const auto tail = [&](int shift) { put(0x80 | (code >> shift & 0x3F)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6);
    tail(0);
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12);
    tail(6);
    tail(0);
  } else {
    put(0xF0 | code >> 18);
    tail(12);
    tail(6);
    tail(0);
  }
}

// Walks the header once, left to right. Nothing nests deeper than the format does, so there is no
// recursion to exhaust.
class HeaderReader {
 public:
  HeaderReader(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  std::vector<StoredTensor> read() {
    std::vector<StoredTensor> tensors;
    for_each_entry("the header", [&](std::string_view name) {
      if (name == "__metadata__") {
        if (std::exchange(metadata_seen_, true)) fail("has two `__metadata__` entries");
        read_metadata();
      } else {
        tensors.push_back(read_tensor(name));
      }
    });
    skip_blanks();
    if (at_ != text_.size()) fail("goes on after its closing brace");
    return tensors;
  }

  // Of `__metadata__`; once the header is read.
  const std::vector<std::pair<std::string, std::string>>& metadata() const { return metadata_; }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(
        ErrorKind::kModel, Place{file_},
        "the safetensors header " + what + " (byte " + std::to_string(at_) + " of the header)",
        std::string(kMend));
  }
  [[noreturn]] void fail_tensor(const std::string& name, const std::string& what) const {
    throw Error(ErrorKind::kModel, Place{file_}, "tensor `" + name + "` " + what,
                std::string(kMend));
  }

  void skip_blanks() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t')) {
      ++at_;
    }
  }
  bool take(char c) {
    skip_blanks();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c, std::string_view where) {
    if (take(c)) return;
    const std::string found =
        at_ < text_.size() ? "another character" : std::string("the end of the header");
    fail("is not valid JSON: `" + std::string(1, c) + "` expected in " + std::string(where) +
         ", found " + found);
  }

  // Calls `entry(key)` with the reader standing before each value of an object.
  template <typename Entry>
  void for_each_entry(std::string_view where, Entry entry) {
    expect('{', where);
    if (take('}')) return;
    do {
      const std::string_view key = read_string(where);
      expect(':', where);
      entry(key);
    } while (take(','));
    expect('}', where);
  }

  // The view lives until the next string is read, or as long as the header.
  std::string_view read_string(std::string_view where) {
    expect('"', where);
    std::string& out = unescaped_;
    const std::size_t start = at_;
    out.clear();
    for (;;) {
      std::size_t end = at_;
      while (end < text_.size() && text_[end] != '"' && text_[end] != '\\' &&
             static_cast<unsigned char>(text_[end]) >= 0x20) {
        ++end;
      }
      const std::size_t plain = at_;
      at_ = end;
      if (at_ >= text_.size()) fail("is not valid JSON: a string is not closed");
      const char c = text_[at_++];
      if (c == '"' && plain == start) return text_.substr(start, end - start);
      out.append(text_.substr(plain, end - plain));
      if (c == '"') return out;
      if (c != '\\') fail("is not valid JSON: a control character in a string");
      read_escape(out);
    }
  }

  void read_escape(std::string& out) {
    constexpr std::string_view kFrom = "\"\\/bfnrt";
    constexpr std::string_view kTo = "\"\\/\b\f\n\r\t";
    if (at_ >= text_.size()) fail("is not valid JSON: a string is not closed");
    const char c = text_[at_++];
    if (const auto i = kFrom.find(c); i != std::string_view::npos) {
      out += kTo[i];
      return;
    }
    if (c != 'u') fail("is not valid JSON: an unknown escape in a string");
    std::uint32_t code = read_hex();
    if (code >= 0xD800 && code < 0xDC00 && text_.substr(at_, 2) == "\\u") {
      at_ += 2;
      const std::uint32_t low = read_hex();
      if (low < 0xDC00 || low > 0xDFFF) fail("is not valid JSON: a lone surrogate in a string");
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    } else if (code >= 0xD800 && code <= 0xDFFF) {
      fail("is not valid JSON: a lone surrogate in a string");
    }
    append_utf8(out, code);
  }

  std::uint32_t read_hex() {
    std::uint32_t code = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      const char c = at_ < text_.size() ? text_[at_] : '\0';
      int digit = -1;
      if (c >= '0' && c <= '9') digit = c - '0';
      if (c >= 'a' && c <= 'f') digit = c - 'a' + 10;
      if (c >= 'A' && c <= 'F') digit = c - 'A' + 10;
      if (digit < 0) fail("is not valid JSON: a broken \\u escape");
      code = code << 4 | static_cast<std::uint32_t>(digit);
    }
    return code;
  }

  void read_metadata() {
    for_each_entry("`__metadata__`", [&](std::string_view key) {
      std::string name(key);  // the view ends with the next string
      skip_blanks();
      if (at_ >= text_.size() || text_[at_] != '"') {
        fail("has a `__metadata__` entry `" + name + "` that is not a string");
      }
      metadata_.emplace_back(std::move(name), read_string("`__metadata__`"));
    });
  }

  StoredTensor read_tensor(std::string_view name) {
    StoredTensor tensor;
    tensor.name = name;
    skip_blanks();
    if (at_ >= text_.size() || text_[at_] != '{') fail_tensor(tensor.name, "is not an object");
    bool has_dtype = false, has_shape = false, has_offsets = false;
    const auto once = [&](bool& seen, std::string_view field) {
      if (std::exchange(seen, true)) {
        fail_tensor(tensor.name, "has two `" + std::string(field) + "` fields");
      }
    };
    for_each_entry("a tensor's entry", [&](std::string_view field) {
      if (field == "dtype") {
        once(has_dtype, field);
        tensor.dtype = read_dtype(tensor.name);
      } else if (field == "shape") {
        once(has_shape, field);
        for (const std::uint64_t size : read_numbers(tensor.name, "shape")) {
          tensor.shape.push_back(static_cast<std::int64_t>(size));
        }
      } else if (field == "data_offsets") {
        once(has_offsets, field);
        const auto ends = read_numbers(tensor.name, "data_offsets");
        if (ends.size() != 2) fail_tensor(tensor.name, "has `data_offsets` that are not a pair");
        if (ends[1] < ends[0]) {
          fail_tensor(tensor.name, "has `data_offsets` whose end is before their begin");
        }
        tensor.offset = ends[0];
        tensor.bytes = ends[1] - ends[0];
      } else {
        fail_tensor(tensor.name, "has the unknown field `" + std::string(field) + "`");
      }
    });
    if (!has_dtype) fail_tensor(tensor.name, "has no `dtype`");
    if (!has_shape) fail_tensor(tensor.name, "has no `shape`");
    if (!has_offsets) fail_tensor(tensor.name, "has no `data_offsets`");
    return tensor;
  }

  Dtype read_dtype(const std::string& name) {
    skip_blanks();
    if (at_ >= text_.size() || text_[at_] != '"') {
      fail_tensor(name, "has a `dtype` that is not a string");
    }
    const std::string_view text = read_string("`dtype`");
    if (const auto dtype = parse_dtype(text)) return *dtype;
    throw Error(ErrorKind::kModel, Place{file_},
                "tensor `" + name + "` has dtype `" + std::string(text) + "`, which can't be read",
                "Save the checkpoint in float32, float16 or bfloat16");
  }

  // A list of non-negative integers.
  std::vector<std::uint64_t> read_numbers(const std::string& name, std::string_view field) {
    const auto refuse = [&](const char* why) {
      fail_tensor(name, "has a `" + std::string(field) + "` that is " + why);
    };
    std::vector<std::uint64_t> numbers;
    numbers.reserve(4);
    if (!take('[')) refuse("not a list");
    if (take(']')) return numbers;
    do {
      skip_blanks();
      if (at_ < text_.size() && text_[at_] == '-') refuse("negative");
      const std::size_t start = at_;
      std::uint64_t number = 0;
      for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
        const auto digit = static_cast<std::uint64_t>(text_[at_] - '0');
        if (number > (std::numeric_limits<std::int64_t>::max() - digit) / 10) {
          refuse("beyond 64 bits");
        }
        number = number * 10 + digit;
      }
      if (at_ == start) refuse("not a list of integers");
      if (at_ < text_.size() && (text_[at_] == '.' || text_[at_] == 'e' || text_[at_] == 'E')) {
        refuse("not a list of integers");
      }
      numbers.push_back(number);
      if (numbers.size() > kRankLimit) refuse("longer than any tensor's");
    } while (take(','));
    if (!take(']')) refuse("not a list of integers");
    return numbers;
  }

  std::string_view text_;
  const std::string& file_;
  std::size_t at_ = 0;
  bool metadata_seen_ = false;
  std::vector<std::pair<std::string, std::string>> metadata_;
  std::string unescaped_;
};

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    text += (i ? ", " : "") + std::to_string(shape[i]);
  }
  return text + "]";
}

// Bytes that dtype and shape ask for; nothing when that is beyond 64 bits.
std::optional<std::uint64_t> wanted_bytes(const StoredTensor& tensor) {
  std::uint64_t bytes = byte_size(tensor.dtype);
  if (std::find(tensor.shape.begin(), tensor.shape.end(), 0) != tensor.shape.end()) return 0;
  for (const std::int64_t size : tensor.shape) {
    if (__builtin_mul_overflow(bytes, static_cast<std::uint64_t>(size), &bytes)) return {};
  }
  return bytes;
}

// Every tensor's bytes are those of its shape; together they fill the data without a gap.
void check_layout(const std::vector<StoredTensor>& tensors, std::uint64_t data_size,
                  const std::string& file) {
  const auto fail = [&](const StoredTensor& tensor, const std::string& what,
                        std::string_view mend = kMend) {
    throw Error(ErrorKind::kModel, Place{file}, "tensor `" + tensor.name + "` " + what,
                std::string(mend));
  };
  std::vector<const StoredTensor*> by_offset;
  by_offset.reserve(tensors.size());
  for (const StoredTensor& tensor : tensors) {
    const auto wanted = wanted_bytes(tensor);
    if (!wanted) fail(tensor, "has a shape " + shape_text(tensor.shape) + " beyond 64 bits");
    if (*wanted != tensor.bytes) {
      fail(tensor, "has " + std::to_string(tensor.bytes) + " bytes, but its shape " +
                       shape_text(tensor.shape) + " of " + std::string(dtype_name(tensor.dtype)) +
                       " takes " + std::to_string(*wanted));
    }
    if (tensor.bytes > data_size || tensor.offset > data_size - tensor.bytes) {
      fail(tensor, "ends at byte " + std::to_string(tensor.offset + tensor.bytes) +
                       " of the data, but the file has only " + std::to_string(data_size) +
                       ": it is truncated");
    }
    by_offset.push_back(&tensor);
  }
  const auto before = [](const StoredTensor* a, const StoredTensor* b) {
    return std::pair(a->offset, a->bytes) < std::pair(b->offset, b->bytes);
  };
  // Writers list tensors as they lie in the file.
  if (!std::is_sorted(by_offset.begin(), by_offset.end(), before)) {
    std::sort(by_offset.begin(), by_offset.end(), before);
  }
  std::uint64_t end = 0;
  for (const StoredTensor* tensor : by_offset) {
    if (tensor->offset < end) fail(*tensor, "overlaps the tensor before it");
    if (tensor->offset > end) {
      fail(*tensor,
           "leaves a hole of " + std::to_string(tensor->offset - end) + " bytes before it");
    }
    end = tensor->offset + tensor->bytes;
  }
  if (end != data_size) {
    throw Error(ErrorKind::kModel, Place{file},
                "has " + std::to_string(data_size - end) + " bytes that belong to no tensor",
                std::string(kMend));
  }
}

// Entries {"lm_head.weight": "wte.weight"}: the first name was tied to the second when the file was
// written and has no bytes of its own. Other entries name no tensor. Precondition: sorted by name.
void add_tied(std::vector<StoredTensor>& tensors,
              const std::vector<std::pair<std::string, std::string>>& metadata) {
  const auto find = [](auto begin, auto end, const std::string& name) {
    const auto at = std::lower_bound(
        begin, end, name, [](const StoredTensor& t, const std::string& n) { return t.name < n; });
    return at != end && at->name == name ? &*at : nullptr;
  };
  const std::size_t written = tensors.size();
  for (const auto& [name, kept] : metadata) {
    if (name == "format") continue;  // which framework wrote the file: "pt"
    const auto end = tensors.begin() + static_cast<std::ptrdiff_t>(written);
    const StoredTensor* const source = find(tensors.begin(), end, kept);
    if (source == nullptr || find(tensors.begin(), end, name) != nullptr) continue;
    StoredTensor tied = *source;
    tied.name = name;
    tensors.push_back(std::move(tied));
  }
  if (tensors.size() == written) return;
  std::stable_sort(tensors.begin(), tensors.end(),
                   [](const auto& a, const auto& b) { return a.name < b.name; });
  // An entry given twice counts once.
  tensors.erase(std::unique(tensors.begin(), tensors.end(),
                            [](const auto& a, const auto& b) { return a.name == b.name; }),
                tensors.end());
}

}  // namespace

std::vector<StoredTensor> parse_safetensors_header(std::string_view header,
                                                   std::uint64_t data_start,
                                                   std::uint64_t data_size,
                                                   const std::string& file) {
  if (!is_utf8(header)) {
    throw Error(ErrorKind::kModel, Place{file}, "the safetensors header is not valid UTF-8",
                std::string(kMend));
  }
  HeaderReader reader(header, file);
  std::vector<StoredTensor> tensors = reader.read();
  check_layout(tensors, data_size, file);
  std::sort(tensors.begin(), tensors.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  const auto twice =
      std::adjacent_find(tensors.begin(), tensors.end(),
                         [](const auto& a, const auto& b) { return a.name == b.name; });
  if (twice != tensors.end()) {
    throw Error(ErrorKind::kModel, Place{file}, "tensor `" + twice->name + "` is there twice",
                std::string(kMend));
  }
  for (StoredTensor& tensor : tensors) tensor.offset += data_start;
  add_tied(tensors, reader.metadata());
  return tensors;
}

}  // namespace switchyard
