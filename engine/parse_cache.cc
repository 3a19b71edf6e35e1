#include "engine/parse_cache.h"

#include <map>
#include <memory>
#include <mutex>
#include <utility>

namespace switchyard {

namespace {

struct Cache {
  struct Document {
    std::string text;
    YamlNode root;
    bool is_used = true;
  };

  std::mutex mutex;
  std::map<std::pair<std::string, int>, Document> documents;  // by file and first line
};

std::mutex cache_mutex;
std::shared_ptr<Cache> cache;

std::shared_ptr<Cache> current() {
  const std::lock_guard lock(cache_mutex);
  return cache;
}

}  // namespace

KeepParsedDocuments::KeepParsedDocuments() {
  const std::lock_guard lock(cache_mutex);
  cache = std::make_shared<Cache>();
}

KeepParsedDocuments::~KeepParsedDocuments() {
  const std::lock_guard lock(cache_mutex);
  cache.reset();
}

void KeepParsedDocuments::forget_unused() {
  const std::shared_ptr<Cache> kept = current();
  const std::lock_guard lock(kept->mutex);
  std::erase_if(kept->documents, [](const auto& entry) { return !entry.second.is_used; });
  for (auto& [place, document] : kept->documents) document.is_used = false;
}

YamlNode parse_kept_yaml(std::string_view text, const std::string& file, int first_line) {
  const std::shared_ptr<Cache> kept = current();
  if (!kept) return parse_yaml(text, file, first_line);
  {
    const std::lock_guard lock(kept->mutex);
    const auto found = kept->documents.find({file, first_line});
    if (found != kept->documents.end() && found->second.text == text) {
      found->second.is_used = true;
      return found->second.root;
    }
  }
  YamlNode root = parse_yaml(text, file, first_line);
  const std::lock_guard lock(kept->mutex);
  kept->documents.insert_or_assign({file, first_line}, Cache::Document{std::string(text), root});
  return root;
}

}  // namespace switchyard
