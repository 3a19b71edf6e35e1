#include "engine/rule_blob.h"

#include <gtest/gtest.h>

#include "engine/byte_codec.h"
#include "engine/embedded_rules.h"
#include "tests/engine/book.h"
#include "tests/engine/random_rules.h"

namespace switchyard {
namespace {

std::vector<RuleFile> files_of(const std::vector<std::pair<std::string, std::string>>& texts) {
  std::vector<RuleFile> files;
  for (const auto& [name, text] : texts) {
    files.push_back({name, name, std::make_shared<const std::string>(text)});
  }
  return files;
}

// Stands in for the embedded rules while it lives.
class Embedded {
 public:
  explicit Embedded(std::string blob) : blob_(std::move(blob)), before_(embedded_rules()) {
    set_embedded_rules(std::as_bytes(std::span(blob_)));
  }
  ~Embedded() { set_embedded_rules(before_); }

 private:
  std::string blob_;
  std::span<const std::byte> before_;
};

const std::vector<std::pair<std::string, std::string>> kTexts = {
    {"a.yaml",
     "decision: d\nrules:\n  - id: a\n    when: {x: {matches: 'a+'}}\n    then: {r: "
     "{lookup: {table: k, key: x, field: f}}}\n"},
    {"b.yaml",
     "# rows\nknowledge: k\nkeys: fold\nrows:\n  Aa: {f: [1, -2.5, null, true, text, {}]}\n"
     "  bb-b: x\n---\nrecipe: r\ngraph: [x]\n"},
    {"c.yaml", "knowledge: k\nrows: {c: 3}\n"}};

TEST(RuleBlobTest, BehavesAsTheYamlItWasMadeOf) {
  const Embedded embedded(write_rule_blob(files_of(kTexts)));
  const auto blob = RuleBook::load();
  const auto yaml = RuleBook::from_texts(kTexts);
  EXPECT_EQ(blob->digest(), yaml->digest());
  EXPECT_EQ(blob->decisions(), yaml->decisions());
  EXPECT_EQ(outputs(*blob, R"({"x": "aa"})"), outputs(*yaml, R"({"x": "aa"})"));
  EXPECT_EQ(outputs(*blob, R"({"x": "aa"})"), R"({"r":[1,-2.5,null,true,"text",{}]})");
  EXPECT_EQ(blob->decide("d", facts_of(R"({"x": "aa"})"))->rule.place().str(), "a.yaml:3:5");
  EXPECT_EQ(blob->keys("k"), (std::vector<std::string>{"Aa", "bb-b", "c"}));
  for (const std::string key : {"aA", "BB_B", "c", "C", "none", ""}) {
    const auto row = blob->lookup("k", key), expected = yaml->lookup("k", key);
    ASSERT_EQ(row.has_value(), expected.has_value()) << key;
    if (!row) continue;
    EXPECT_EQ(row->key, expected->key);
    EXPECT_EQ(row->value.to_json(), expected->value.to_json());
    EXPECT_EQ(row->place.str(), expected->place.str());
  }
  EXPECT_EQ(blob->recipe("r")->text, yaml->recipe("r")->text);
  EXPECT_EQ(blob->recipe("r")->file, "b.yaml");
}

TEST(RuleBlobTest, RandomTablesKeepTheirOutcomes) {
  for (unsigned seed = 100; seed < 110; ++seed) {
    RandomRules random(seed);
    const std::string text = random.table(60, "priority");
    const Embedded embedded(write_rule_blob(files_of({{"t.yaml", text}})));
    const auto blob = RuleBook::load();
    const auto yaml = book_of(text);
    for (int i = 0; i < 50; ++i) {
      const Facts facts = facts_of(random.facts());
      const auto a = blob->decide("d", facts), b = yaml->decide("d", facts);
      ASSERT_EQ(a.has_value(), b.has_value());
      if (!a) continue;
      EXPECT_EQ(a->outputs, b->outputs);
      EXPECT_EQ(a->rule.place().str(), b->rule.place().str());
    }
  }
}

TEST(RuleBlobTest, DamageIsAnErrorNotACrash) {
  const std::string whole = write_rule_blob(files_of(kTexts));
  const auto use = [](const std::string& blob) {
    const auto layer = make_blob_layer(std::as_bytes(std::span(blob)));
    std::optional<bool> fold_keys;
    for (std::size_t i = 0; i < layer->documents().size(); ++i) {
      const DocumentKind kind = layer->documents()[i].kind;
      if (kind == DocumentKind::kDecision) layer->parse(i);
      if (kind != DocumentKind::kKnowledge) continue;
      const auto rows = layer->rows({i}, fold_keys);
      rows->for_each_key([&](std::string_view key) { rows->find(key); });
    }
  };
  EXPECT_EQ(error_of([&] { use(whole); }), "");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_NE(error_of([&] { use(whole.substr(0, size)); }), "") << size;
  }
  std::size_t noticed = 0;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (const unsigned flip : {0xffu, 0x80u, 1u}) {
      std::string damaged = whole;
      damaged[i] = static_cast<char>(static_cast<unsigned char>(damaged[i]) ^ flip);
      noticed += !error_of([&] { use(damaged); }).empty();
    }
  }
  EXPECT_GT(noticed, 100u);
}

TEST(ByteCodecTest, RoundTripsValues) {
  for (const char* json :
       {"null", "true", "-1", "9223372036854775807", "-9223372036854775808", "0.1", "-Infinity",
        "\"text\"", "[1,[2,{}],\"x\"]", "{\"a\":{\"b\":[null]},\"c\":1.5}"}) {
    ByteWriter out;
    out.value(parse_json(json, "json"));
    const std::string bytes = out.take();
    ByteReader in(bytes);
    EXPECT_EQ(in.value().to_json(), json);
    EXPECT_TRUE(in.at_end());
  }
}

}  // namespace
}  // namespace switchyard
