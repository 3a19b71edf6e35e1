// What a user may ask of an export besides task, part and axes: the map `options` that recipes see
// and build.json records. All are true or false.
#pragma once

namespace switchyard {

inline constexpr const char* kDoPooling = "do_pooling";
inline constexpr const char* kOutputHiddenStates = "output_hidden_states";
inline constexpr const char* kOutputAttentions = "output_attentions";
inline constexpr const char* kExportOptions[] = {kDoPooling, kOutputHiddenStates, kOutputAttentions};

}  // namespace switchyard
