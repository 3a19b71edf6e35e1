#include "engine/column.h"

namespace switchyard {

Column::Column(std::string_view path) : path_(path) {
  std::string_view name = path;
  while (true) {
    const std::string_view rest =
        name.size() == path.size() ? std::string_view{} : path.substr(name.size() + 1);
    readings_.push_back({fact_id(name), std::string(rest)});
    const std::size_t dot = name.rfind('.');
    if (dot == std::string_view::npos) return;
    name = name.substr(0, dot);
  }
}

}  // namespace switchyard
