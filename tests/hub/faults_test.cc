// What can go wrong between a download and the Hub: what passes is got over, what does not ends in
// an error that says so, and in no case does a file appear that is not what it should be.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/hub/hub_server.h"

namespace switchyard {
namespace {

using testing::AnyOf;
using testing::HasSubstr;

struct Fault {
  const char* name;
  std::string script;
  const char* said = "";        // part of the message; empty: the download succeeds
  const char* range = nullptr;  // part of a Range that must have been asked for
};

void PrintTo(const Fault& fault, std::ostream* out) { *out << fault.name; }

class PassingFault : public testing::TestWithParam<Fault> {};

TEST_P(PassingFault, IsGotOver) {
  HubWorld world;
  world.server.add_digits();
  world.server.add("org/moved", "config.json", digits_file("config.json"));
  world.server.set_faults(GetParam().script);
  const ProgramResult result = world.export_to("model");
  EXPECT_EQ(result.status, 0) << result.err;
  for (const char* file : {"config.json", "README.md", "model.safetensors"}) {
    EXPECT_EQ(read_text(world.snapshot() / file), digits_file(file)) << file;
  }
  world.expect_sound_cache();
  if (GetParam().range != nullptr) {
    bool asked = false;
    for (const HubLogEntry& entry : world.server.log()) {
      asked = asked || entry.range.find(GetParam().range) != std::string::npos;
    }
    EXPECT_TRUE(asked) << "no request for " << GetParam().range;
  }
}

const Fault kPassing[] = {
    {"Cut", R"([{"match": "cdn GET", "times": 1, "cut": 1000000}])", "", "bytes="},
    // More often than there are attempts: what arrives in between counts as progress.
    {"CutAtItsStart", R"([{"match": "cdn GET", "times": 2, "cut": 0}])"},
    {"CutAndNoRange",
     R"([{"match": "cdn GET", "times": 1, "cut": 1000000}, {"match": "cdn GET", "no_range": true}])",
     "", "bytes="},
    {"CutListing", R"([{"match": "api/models", "times": 1, "cut": 10}])"},
    {"CutSmallFile", R"([{"match": "hub GET .*config.json", "times": 1, "cut": 100}])", "",
     "bytes="},
    {"ShortContentLength",
     R"([{"match": "cdn GET", "times": 1, "set": {"Content-Length": "1000"}}])", "", "bytes=1000-"},
    {"LongContentLength",
     R"([{"match": "cdn GET", "times": 1, "set": {"Content-Length": "9000000"}}])"},
    {"WrongContentOnce", R"([{"match": "cdn GET", "times": 1, "corrupt": true}])"},
    {"WrongSmallContentOnce",
     R"([{"match": "hub GET .*config.json", "times": 1, "corrupt": true}])"},
    {"BusyWithSeconds",
     R"([{"match": "", "times": 2, "status": 429, "headers": {"Retry-After": "0"}}])"},
    {"BusyWithDate", R"([{"match": "cdn GET", "times": 1, "status": 429,
                          "headers": {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}}])"},
    {"BusyFile", R"([{"match": "hub HEAD .*safetensors", "times": 1, "status": 429,
                      "headers": {"Retry-After": "1"}}])"},
    {"Failing", R"([{"match": "api/models", "times": 1, "status": 500},
                    {"match": "hub HEAD", "times": 1, "status": 503},
                    {"match": "cdn GET", "times": 1, "status": 502, "body": "<html>"}])"},
    {"RelativeRedirect",
     R"([{"match": "(HEAD|GET) /org/digits/.*config.json", "status": 307, "headers": {"Location":
         "/org/moved/resolve/1111111111111111111111111111111111111111/config.json"}}])"},
};
INSTANTIATE_TEST_SUITE_P(Hub, PassingFault, testing::ValuesIn(kPassing),
                         [](const auto& info) { return info.param.name; });

class LastingFault : public testing::TestWithParam<Fault> {};

TEST_P(LastingFault, IsAClearError) {
  HubWorld world;
  world.server.add_digits();
  world.server.set_faults(GetParam().script);
  const ProgramResult result = world.export_to("model");
  EXPECT_EQ(result.status, 1) << result.out;
  EXPECT_THAT(result.err, AnyOf(HasSubstr("org/digits"), HasSubstr("models--org--digits")));
  EXPECT_THAT(result.err, HasSubstr(GetParam().said));
  EXPECT_EQ(result.out, "");
  EXPECT_FALSE(std::filesystem::exists(world.output / "model/model.onnx"));
  EXPECT_FALSE(std::filesystem::exists(world.snapshot() / "model.safetensors"));
  EXPECT_FALSE(std::filesystem::exists(world.cache / "evil"));
  world.expect_sound_cache();

  // Nothing that is left behind stands in the way of the next attempt.
  world.server.set_faults("[]");
  const ProgramResult again = world.export_to("model");
  EXPECT_EQ(again.status, 0) << again.err;
  EXPECT_EQ(read_text(world.snapshot() / "model.safetensors"), digits_file("model.safetensors"));
  world.expect_sound_cache();
}

std::string listing_of(const char* file) {
  return std::string(R"([{"match": "api/models", "status": 200, "body":
      "{\"sha\": \"1111111111111111111111111111111111111111\",
        \"siblings\": [{\"rfilename\": \"config.json\"}, {\"rfilename\": \")") +
         file + R"(\"}]}"}])";
}

const Fault kLasting[] = {
    {"SmallerSize", R"([{"match": "hub HEAD .*safetensors", "set": {"X-Linked-Size": "5"}}])",
     "more than the 5 bytes that it announced"},
    {"LargerSize", R"([{"match": "hub HEAD .*safetensors", "set": {"X-Linked-Size": "1600000"}}])",
     "model.safetensors can't be downloaded"},
    {"NoRoom",
     R"([{"match": "hub HEAD .*safetensors", "set": {"X-Linked-Size": "900000000000000"}}])",
     "no room"},
    {"NegativeSize", R"([{"match": "hub HEAD .*safetensors", "set": {"X-Linked-Size": "-5"}}])",
     "does not say how large"},
    {"HugeConfig", R"([{"match": "hub HEAD .*config.json",
                        "set": {"Content-Length": "1000000000000"}}])",
     "more than such a file may have"},
    {"WrongContent", R"([{"match": "cdn GET", "corrupt": true}])", "not what its ETag says"},
    {"WrongSmallContent", R"([{"match": "hub GET .*config.json", "corrupt": true}])",
     "not what its ETag says"},
    {"NoEtag", R"([{"match": "hub HEAD .*config.json", "set": {"ETag": null}}])", "no ETag"},
    {"EtagWithASlash",
     R"([{"match": "hub HEAD .*safetensors", "set": {"X-Linked-Etag": "\"../../../evil\""}}])",
     "no ETag that can be used"},
    {"OtherCommit", R"([{"match": "hub HEAD .*config.json", "set": {"X-Repo-Commit":
                         "3333333333333333333333333333333333333333"}}])",
     "another commit"},
    {"Unauthorized", R"([{"match": "api/models", "status": 401}])", "refuses the token (HTTP 401)"},
    {"Gated", R"([{"match": "HEAD .*safetensors", "status": 403,
                   "headers": {"X-Error-Code": "GatedRepo"}}])",
     "accept the model's conditions"},
    {"NoModel", R"([{"match": "api/models", "status": 404}])", "there is no such model"},
    {"NoFile", R"([{"match": "HEAD .*safetensors", "status": 404}])",
     "model.safetensors can't be downloaded"},
    {"AlwaysBusy", R"([{"match": "api/models", "status": 429, "headers": {"Retry-After": "0"}}])",
     "takes no more requests for now (HTTP 429)"},
    {"BusyForADay", R"([{"match": "cdn GET", "status": 429, "headers": {"Retry-After": "86400"}}])",
     "takes no more requests for now (HTTP 429)"},
    {"AlwaysFailing", R"([{"match": "cdn GET", "status": 500}])", "it failed (HTTP 500)"},
    {"AlwaysCut", R"([{"match": "cdn GET", "cut": 0}])", "the connection was cut"},
    {"EndlessRedirect", R"([{"match": "api/models", "status": 302, "headers":
                             {"Location": "/api/models/org/digits/revision/main"}}])",
     "redirects without end"},
    {"RedirectToAFile", R"([{"match": "GET .*config.json", "status": 302, "headers":
                             {"Location": "file:///etc/passwd"}}])",
     "not safe to follow"},
    {"SignInPage", R"([{"match": "api/models", "status": 200, "body": "<html>Sign in</html>"}])",
     "no listing of a model's files"},
    {"ListingWithoutACommit", R"([{"match": "api/models", "status": 200, "body":
                                   "{\"sha\": \"../x\", \"siblings\": []}"}])",
     "no listing of a model's files"},
    {"FileAbove", listing_of("../../evil"), "a file outside the model's directory"},
    {"AbsoluteFile", listing_of("/tmp/evil"), "a file outside the model's directory"},
    {"NoConfig", R"([{"match": "api/models", "status": 200, "body":
        "{\"sha\": \"1111111111111111111111111111111111111111\",
          \"siblings\": [{\"rfilename\": \"model-Q4.gguf\"}]}"}])",
     "GGUF model"},
    {"NoWeights", R"([{"match": "api/models", "status": 200, "body":
        "{\"sha\": \"1111111111111111111111111111111111111111\",
          \"siblings\": [{\"rfilename\": \"config.json\"}, {\"rfilename\": \"tf_model.h5\"}]}"}])",
     "no weights"},
};
INSTANTIATE_TEST_SUITE_P(Hub, LastingFault, testing::ValuesIn(kLasting),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace switchyard
