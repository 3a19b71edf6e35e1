#include <cstdio>

#include "engine/value.h"
#include "stages/predict/predictor.h"

namespace switchyard {

std::string predictions_as_json(const std::vector<ImagePrediction>& predictions) {
  List images;
  for (const ImagePrediction& image : predictions) {
    List entries;
    for (const Prediction& prediction : image.predictions)
      entries.push_back(Map{{"label", prediction.label}, {"score", prediction.score}});
    images.push_back(Map{{"input", image.input}, {"predictions", std::move(entries)}});
  }
  return Value(std::move(images)).to_json(2) + "\n";
}

std::string predictions_as_table(const std::vector<ImagePrediction>& predictions) {
  std::string text;
  for (const ImagePrediction& image : predictions) {
    if (!text.empty()) text += '\n';
    text += image.input + '\n';
    std::size_t rank = 0;
    for (const Prediction& prediction : image.predictions) {
      char columns[48];
      std::snprintf(columns, sizeof columns, "%4zu  %8.4f  ", ++rank, prediction.score);
      text += columns + prediction.label + '\n';
    }
  }
  return text;
}

}  // namespace switchyard
