#include "stages/hub/answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/error.h"
#include "stages/hub/url.h"

namespace switchyard {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(HubAnswers, EtagIsAFileNameOrNothing) {
  struct Case {
    std::string field;
    std::optional<std::string> etag;
  };
  const Case kCases[] = {
      {"\"abc\"", "abc"},
      {"W/\"abc\"", "abc"},
      {" W/\"abc-2\" ", "abc-2"},
      {"abc", "abc"},
      {"", {}},
      {"\"\"", {}},
      {"\"", {}},
      {"W/", {}},
      {"\"../x\"", {}},
      {"\"a/b\"", {}},
      {"\"a\\b\"", {}},
      {"\".hidden\"", {}},
      {"\"a b\"", {}},
      {std::string("\"a\0b\"", 5), {}},
      {std::string(128, 'a'), std::string(128, 'a')},
      {std::string(129, 'a'), {}},
  };
  for (const Case& c : kCases) EXPECT_EQ(etag_of(c.field), c.etag) << c.field;
}

TEST(HubAnswers, SizeIsDigitsOnly) {
  EXPECT_EQ(size_of("0"), 0u);
  EXPECT_EQ(size_of("5368709120"), 5368709120u);
  for (const char* field : {"", "-1", "1.5", "0x10", " 1", "1 ", "99999999999999999999"}) {
    EXPECT_EQ(size_of(field), std::nullopt) << field;
  }
}

TEST(HubAnswers, RetryAfterIsSecondsOrADate) {
  constexpr std::time_t kNow = 1'000'000'000;  // Sun, 09 Sep 2001 01:46:40 GMT
  EXPECT_EQ(retry_after("0", kNow), 0.0);
  EXPECT_EQ(retry_after(" 120 ", kNow), 120.0);
  EXPECT_EQ(retry_after("Sun, 09 Sep 2001 01:46:50 GMT", kNow), 10.0);
  EXPECT_EQ(retry_after("Sun, 09 Sep 2001 01:46:30 GMT", kNow), 0.0);
  for (const char* field : {"", "soon", "-5"}) {
    EXPECT_EQ(retry_after(field, kNow), std::nullopt) << field;
  }
}

TEST(HubAnswers, ContentRangeSaysWhereAPartBegins) {
  const auto range = content_range("bytes 100-199/200");
  ASSERT_TRUE(range);
  EXPECT_EQ(range->first, 100u);
  EXPECT_EQ(range->total, 200u);
  EXPECT_EQ(content_range("bytes 0-9/*")->total, std::nullopt);
  for (const char* field : {"", "bytes", "bytes */200", "bytes 1/2", "items 0-1/2", "bytes a-b/c",
                            "bytes 1-2/", "bytes 1/2-3"}) {
    EXPECT_FALSE(content_range(field)) << field;
  }
}

TEST(HubAnswers, ListingHasACommitAndFiles) {
  const ModelListing listing = model_listing(
      R"({"sha": "0123456789abcdef0123456789abcdef01234567", "private": false,
          "siblings": [{"rfilename": "onnx/b.onnx", "size": 3}, {"rfilename": "a.json"}]})",
      "org/m", "hub", 10);
  EXPECT_EQ(listing.commit, "0123456789abcdef0123456789abcdef01234567");
  EXPECT_THAT(listing.files, ElementsAre("a.json", "onnx/b.onnx"));
  EXPECT_TRUE(listing.has("a.json"));
  EXPECT_FALSE(listing.has("b.onnx"));
}

TEST(HubAnswers, RefusesListingsThatAreNone) {
  struct Case {
    const char* text;
    const char* said;
  };
  const std::string start = R"({"sha": "0123456789abcdef0123456789abcdef01234567", "siblings": )";
  const Case kCases[] = {
      {"", "no listing"},
      {"<html></html>", "no listing"},
      {"[]", "no listing"},
      {"{}", "no listing"},
      {R"({"sha": 5, "siblings": []})", "no listing"},
      {R"({"sha": "..", "siblings": []})", "no listing"},
      {R"({"sha": "0123456789abcdef0123456789abcdef01234567"})", "no listing"},
      {R"({"sha": "0123456789abcdef0123456789abcdef01234567", "siblings": [{}]})", "no listing"},
      {R"({"sha": "0123456789abcdef0123456789abcdef01234567", "siblings": ["a"]})", "no listing"},
      {R"({"sha": "0123456789abcdef0123456789abcdef01234567",
           "siblings": [{"rfilename": "a"}, {"rfilename": "b"}, {"rfilename": "c"}]})",
       "more files"},
      {R"({"sha": "0123456789abcdef0123456789abcdef01234567", "siblings": [{"rfilename": "a//b"}]})",
       "outside"},
      {R"({"sha": "0123456789abcdef0123456789abcdef01234567", "siblings": [{"rfilename": "../a"}]})",
       "outside"},
      {R"({"sha": "0123456789abcdef0123456789abcdef01234567", "siblings": [{"rfilename": "a\nb"}]})",
       "outside"},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.text);
    try {
      model_listing(c.text, "org/m", "hub", 2);
      ADD_FAILURE() << "no Error was thrown";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kModel);
      EXPECT_THAT(error.what(), HasSubstr(c.said));
    }
  }
}

TEST(HubUrl, OriginNamesSchemeHostAndPortOnly) {
  EXPECT_EQ(origin_of("https://Hub.Example/a?b=c"), "https://hub.example:443");
  EXPECT_EQ(origin_of("http://user:secret@hub.example:8080/a"), "http://hub.example:8080");
  EXPECT_EQ(origin_of("https://hub.example:443"), origin_of("https://hub.example"));
  EXPECT_NE(origin_of("http://hub.example"), origin_of("https://hub.example"));
  for (const char* url :
       {"", "hub.example", "file:///etc/passwd", "ftp://hub.example", "http://"}) {
    EXPECT_EQ(origin_of(url), "") << url;
  }
}

TEST(HubUrl, EscapesWhatIsNotPlain) {
  EXPECT_EQ(escape_part("feature/a b"), "feature%2Fa%20b");
  EXPECT_EQ(escape_path("sub dir/a+b?.json"), "sub%20dir/a%2Bb%3F.json");
  EXPECT_EQ(escape_part("\xC3\xA9"), "%C3%A9");
}

}  // namespace
}  // namespace switchyard
