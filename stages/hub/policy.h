// How patiently and how much is downloaded: the knowledge table hub_download (rules/hub.yaml).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/rule_book.h"

namespace switchyard {

struct HubPolicy {
  std::string endpoint;                    // where the environment names none
  std::vector<std::string> configuration;  // the first one marks that all are there
  std::vector<std::string> carried;        // the other small files that travel with a model
  std::size_t files_at_once = 1;
  int attempts = 1;  // in a row without progress
  double first_wait_seconds = 0;
  double longest_wait_seconds = 0;
  long connect_seconds = 0;
  long stall_seconds = 0;  // without a byte
  std::uint64_t most_files = 0;
  std::uint64_t most_listing_bytes = 0;
  std::uint64_t most_small_file_bytes = 0;
};

// Throws Error(kUsage) with the place of a row that is missing or can't be used.
HubPolicy hub_policy(const RuleBook& rules);

}  // namespace switchyard
