#include "tools/switchyard/axis_options.h"

#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "engine/error.h"
#include "engine/faults.h"
#include "engine/text.h"
#include "stages/checkpoint/mapped_file.h"

namespace switchyard {
namespace {

constexpr const char* kBatchAxis = "batch_size";

std::optional<std::int64_t> size_of(std::string_view text) {
  std::int64_t size = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (error != std::errc() || stop != text.data() + text.size() || size < 1) return {};
  return size;
}

class Sizes {
 public:
  Sizes(AxisRequest& request, Faults& faults) : request_(request), faults_(faults) {}

  void add(const std::string& axis, std::string_view text, const std::string& option) {
    const auto size = size_of(text);
    if (!size) {
      fault(option + ": the size of '" + axis + "' is a positive integer, not '" +
            std::string(text) + "'");
      return;
    }
    for (const auto& [known, before] : request_.sizes) {
      if (known != axis) continue;
      if (before != *size) {
        fault(option + ": the axis '" + axis + "' is " + std::to_string(before) +
              " already, and can't be " + std::to_string(*size) + " too");
      }
      return;
    }
    request_.sizes.emplace_back(axis, *size);
  }

  // "height=480,width=480"
  void add_list(std::string_view list) {
    while (true) {
      const std::size_t comma = list.find(',');
      const std::string_view one = trim(list.substr(0, comma));
      const std::size_t equals = one.find('=');
      if (equals == std::string_view::npos || equals == 0) {
        fault("--shape takes AXIS=SIZE,..., as in height=480,width=480, not '" + std::string(one) +
              "'");
      } else {
        add(std::string(trim(one.substr(0, equals))), trim(one.substr(equals + 1)), "--shape");
      }
      if (comma == std::string_view::npos) return;
      list.remove_prefix(comma + 1);
    }
  }

 private:
  void fault(std::string what) { faults_.add(Error(ErrorKind::kUsage, {}, std::move(what))); }

  AxisRequest& request_;
  Faults& faults_;
};

}  // namespace

bool says_axes(const Arguments& arguments) {
  return !arguments.shape.empty() || arguments.batch_size || arguments.dynamic_axes;
}

AxisRequest axis_request(const Arguments& arguments) {
  AxisRequest request;
  Faults faults;
  Sizes sizes(request, faults);
  for (const std::string& list : arguments.shape) sizes.add_list(list);
  if (arguments.batch_size) sizes.add(kBatchAxis, *arguments.batch_size, "--batch-size");
  if (arguments.dynamic_axes) {
    const std::string text = read_text(*arguments.dynamic_axes);
    attempt(&faults, [&] {
      request.dynamic_axes = parse_yaml(text, *arguments.dynamic_axes);
      if (request.dynamic_axes.is_null()) {
        throw Error(ErrorKind::kUsage, {*arguments.dynamic_axes}, "the file is empty",
                    "Write {\"input_ids\": {\"0\": \"batch_size\"}}");
      }
    });
  }
  throw_faults(faults);
  return request;
}

void lay_axis_options(const Arguments& arguments, Resolution& resolution) {
  const AxisRequest request = axis_request(arguments);
  Faults faults;
  lay_axes(request, resolution, faults);
  throw_faults(faults);
}

}  // namespace switchyard
