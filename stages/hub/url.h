// The parts of URLs that the download looks at.
#pragma once

#include <string>
#include <string_view>

namespace switchyard {

// "https://host:port" in lower case, the port always there; empty when `url` is no http(s) URL.
// Names no user, password, path or query, so it may be shown.
std::string origin_of(const std::string& url);

// Percent-encoded for one part of a path: '/' becomes "%2F".
std::string escape_part(std::string_view text);

// Percent-encoded for a path of several parts: '/' stays.
std::string escape_path(std::string_view text);

}  // namespace switchyard
