#include "stages/runtime/model_file.h"

#include <fcntl.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>
#include <onnx/onnx_pb.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <limits>
#include <string>

#include "engine/error.h"
#include "engine/output_file.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;

class File {
 public:
  File(const fs::path& path, int flags, const char* purpose) {
    fd_ = open(path.c_str(), flags | O_CLOEXEC, 0644);
    if (fd_ < 0) {
      throw Error(ErrorKind::kModel, {path.string()},
                  std::string("can't be ") + purpose + ": " + std::strerror(errno));
    }
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() { close(fd_); }
  int descriptor() const { return fd_; }

 private:
  int fd_;
};

// protobuf prints what it can't parse to stderr unless told otherwise.
struct QuietParsing {
  google::protobuf::LogSilencer silencer;
};

}  // namespace

void read_model(const fs::path& file, onnx::ModelProto& model) {
  const File opened(file, O_RDONLY, "read");
  const QuietParsing quiet;
  google::protobuf::io::FileInputStream stream(opened.descriptor(), 1 << 20);
  google::protobuf::io::CodedInputStream coded(&stream);
  coded.SetTotalBytesLimit(std::numeric_limits<int>::max());
  if (!model.ParseFromCodedStream(&coded) || stream.GetErrno() != 0 || !model.has_graph()) {
    throw Error(ErrorKind::kModel, {file.string()}, "this is not an ONNX model, or it is cut short",
                "Export it again");
  }
}

void write_model(const onnx::ModelProto& model, const fs::path& file) {
  if (model.ByteSizeLong() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    throw Error(ErrorKind::kModel, {file.string()},
                "the model would pass 2 GB, more than an ONNX file may hold",
                "Export with --weights reference, so that weights stay outside the graph");
  }
  write_beside(file, [&](const fs::path& half) {
    const File opened(half, O_WRONLY | O_CREAT | O_TRUNC, "written");
    google::protobuf::io::FileOutputStream stream(opened.descriptor(), 1 << 20);
    if (!model.SerializeToZeroCopyStream(&stream) || !stream.Flush()) {
      throw Error(ErrorKind::kModel, {file.string()},
                  std::string("can't be written: ") + std::strerror(stream.GetErrno()));
    }
  });
}

}  // namespace switchyard
