#include "stages/verify/verify.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <utility>

#include "engine/error.h"
#include "stages/verify/compare.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;

const IoInfo* find_io(const std::vector<IoInfo>& infos, const std::string& name) {
  const auto found = std::find_if(infos.begin(), infos.end(),
                                  [&](const IoInfo& info) { return info.name == name; });
  return found == infos.end() ? nullptr : &*found;
}

void require_same(const char* what, const std::vector<IoInfo>& reference,
                  const std::vector<IoInfo>& candidate, const fs::path& file) {
  const auto fail = [&](const std::string& why) {
    throw Error(ErrorKind::kModel, {file.string()}, why, "Compare two graphs of one model");
  };
  for (const IoInfo& info : reference) {
    const IoInfo* same = find_io(candidate, info.name);
    const std::string named = std::string(what) + " '" + info.name + "'";
    if (!same) fail("the reference's " + named + " is missing");
    if (same->dtype != info.dtype)
      fail(named + " is " + same->dtype + ", the reference's is " + info.dtype);
    if (same->shape.size() != info.shape.size()) {
      fail(named + " has rank " + std::to_string(same->shape.size()) + ", the reference's " +
           std::to_string(info.shape.size()));
    }
  }
  for (const IoInfo& info : candidate) {
    if (!find_io(reference, info.name)) {
      fail(std::string(what) + " '" + info.name + "' is none of the reference's");
    }
  }
}

std::string text(const char* format, double value) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, format, value);
  return buffer;
}

void judge(OutputComparison& output, const VerifyThresholds& thresholds) {
  const auto missed = [&](const char* what, double value, const char* side, double bound,
                          const char* unit) {
    output.failures.push_back(std::string(what) + " " + text("%.6g", value) + unit + " is " + side +
                              " " + text("%.6g", bound) + unit);
  };
  if (thresholds.min_sqnr_db && output.sqnr_db < *thresholds.min_sqnr_db) {
    missed("SQNR", output.sqnr_db, "below", *thresholds.min_sqnr_db, " dB");
  }
  if (thresholds.min_cosine && output.cosine < *thresholds.min_cosine) {
    missed("cosine", output.cosine, "below", *thresholds.min_cosine, "");
  }
  if (thresholds.max_abs_difference && output.max_abs_difference > *thresholds.max_abs_difference) {
    missed("largest difference", output.max_abs_difference, "above", *thresholds.max_abs_difference,
           "");
  }
  if (thresholds.min_top1_agreement && output.top1_agreement &&
      *output.top1_agreement < *thresholds.min_top1_agreement) {
    missed("top-1 agreement", *output.top1_agreement, "below", *thresholds.min_top1_agreement, "");
  }
}

Value finite(double value) { return value - value == 0.0 ? Value(value) : Value(); }

}  // namespace

VerifyResult verify_models(const fs::path& reference, const fs::path& candidate,
                           CalibrationSource& source, const VerifyThresholds& thresholds) {
  const Session first(reference);
  const Session second(candidate);
  require_same("input", first.inputs(), second.inputs(), candidate);
  require_same("output", first.outputs(), second.outputs(), candidate);

  std::map<std::string, OutputSums> sums;
  VerifyResult result;
  NamedTensors inputs;
  while (source.next(inputs)) {
    std::erase_if(inputs, [&](const auto& entry) { return !find_io(first.inputs(), entry.first); });
    const NamedTensors expected = first.run(inputs);
    const NamedTensors given = second.run(inputs);
    for (const auto& [name, tensor] : expected) sums[name].add(name, tensor, given.at(name));
    ++result.samples;
  }
  if (result.samples == 0) {
    throw Error(ErrorKind::kModel, {candidate.string()}, "there were no samples to compare on");
  }
  for (const IoInfo& info : first.outputs()) {
    const OutputSums& sum = sums.at(info.name);
    OutputComparison output;
    output.name = info.name;
    output.dtype = info.dtype;
    output.elements = sum.elements();
    output.sqnr_db = sum.sqnr_db();
    output.cosine = sum.cosine();
    output.max_abs_difference = sum.max_abs_difference();
    if (sum.ranks()) output.top1_agreement = sum.top1_agreement();
    judge(output, thresholds);
    result.passed = result.passed && output.failures.empty();
    result.outputs.push_back(std::move(output));
  }
  return result;
}

VerifyResult verify_models(const fs::path& reference, const fs::path& candidate, int samples,
                           const InputHints& hints, const VerifyThresholds& thresholds) {
  RandomSource source(plan_shared_inputs(reference, candidate, hints), samples);
  return verify_models(reference, candidate, source, thresholds);
}

Value VerifyResult::to_value() const {
  List rows;
  for (const OutputComparison& output : outputs) {
    List failures(output.failures.begin(), output.failures.end());
    rows.push_back(
        Map{{"output", output.name},
            {"dtype", output.dtype},
            {"elements", static_cast<std::int64_t>(output.elements)},
            {"sqnr_db", finite(output.sqnr_db)},
            {"cosine", output.cosine},
            {"max_abs_difference", finite(output.max_abs_difference)},
            {"top1_agreement", output.top1_agreement ? Value(*output.top1_agreement) : Value()},
            {"failures", std::move(failures)}});
  }
  return Map{{"passed", passed},
             {"samples", static_cast<std::int64_t>(samples)},
             {"outputs", std::move(rows)}};
}

std::string VerifyResult::table() const {
  std::size_t width = 6;
  for (const OutputComparison& output : outputs) width = std::max(width, output.name.size());
  const auto cell = [](std::string s, std::size_t to) {
    return s.size() < to ? std::string(to - s.size(), ' ') + s : s;
  };
  const auto name_cell = [&](std::string s) { return s.append(width - s.size(), ' '); };
  std::string lines = name_cell("output") + "     SQNR dB      cosine   max |diff|   top-1\n";
  for (const OutputComparison& output : outputs) {
    const bool exact = output.max_abs_difference == 0.0;
    lines += name_cell(output.name) + cell(exact ? "exact" : text("%.2f", output.sqnr_db), 12) +
             cell(text("%.6f", output.cosine), 12) +
             cell(text("%.3e", output.max_abs_difference), 13) +
             cell(output.top1_agreement ? text("%.4f", *output.top1_agreement) : "-", 8) + "\n";
  }
  for (const OutputComparison& output : outputs) {
    for (const std::string& failure : output.failures) {
      lines += "FAILED " + output.name + ": " + failure + "\n";
    }
  }
  return lines;
}

}  // namespace switchyard
