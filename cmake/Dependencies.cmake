# Everything but ONNX Runtime comes from Debian packages (tools/setup.sh installs them).
find_package(yaml-cpp REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(Protobuf REQUIRED)
find_package(ONNX REQUIRED)
find_package(PNG REQUIRED)
find_package(ZLIB REQUIRED)
# Linked into programs, where one more shared library would cost every start; the archive's code can't
# be part of a module.
find_library(ZLIB_ARCHIVE NAMES libz.a z REQUIRED)
add_library(zlib_for_target INTERFACE)
target_include_directories(zlib_for_target SYSTEM INTERFACE ${ZLIB_INCLUDE_DIRS})
target_link_libraries(zlib_for_target INTERFACE
  "$<IF:$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>,${ZLIB_ARCHIVE},${ZLIB_LIBRARIES}>")
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(CURL REQUIRED)
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(TURBOJPEG REQUIRED IMPORTED_TARGET libturbojpeg)

# ONNX Runtime: the system's libonnxruntime-dev where it exists, else what tools/setup.sh put under
# .deps/onnxruntime (headers of the Debian package, library of the npm package). The library is
# loaded at run time (ORT_API_MANUAL_INIT), so only the headers are needed to compile.
find_path(ONNXRUNTIME_INCLUDE_DIR onnxruntime_cxx_api.h
  HINTS ${CMAKE_SOURCE_DIR}/.deps/onnxruntime/include
  PATH_SUFFIXES onnxruntime onnxruntime/core/session REQUIRED)
find_file(ONNXRUNTIME_LIBRARY NAMES libonnxruntime.so.1 libonnxruntime.so
  HINTS ${CMAKE_SOURCE_DIR}/.deps/onnxruntime/lib
  PATHS /usr/lib/x86_64-linux-gnu /usr/lib/aarch64-linux-gnu /usr/local/lib REQUIRED)
add_library(onnxruntime_headers INTERFACE)
target_include_directories(onnxruntime_headers SYSTEM INTERFACE ${ONNXRUNTIME_INCLUDE_DIR})
