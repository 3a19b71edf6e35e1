// Inside stages/runtime only: ONNX Runtime's C++ interface, bound by hand to a library that is
// opened on first use.
#pragma once

#define ORT_API_MANUAL_INIT
#include <onnxruntime_cxx_api.h>
#undef ORT_API_MANUAL_INIT

#include <string>

namespace switchyard {

// The process's one environment. Thread-safe; loads the library when called first.
//
// Searched in this order: the file or directory named by SWITCHYARD_ONNXRUNTIME (then nothing
// else), ../lib/switchyard and the directory of the program, the file CMake found, the system's
// loader. Throws Error(kModel) when none of them can be loaded.
Ort::Env& ort_environment();

// ONNX Runtime's complaint reduced to what helps a person: one line without source positions,
// C++ signatures and repeated file names.
std::string ort_reason(const Ort::Exception& exception);

}  // namespace switchyard
