// Which model type a request is about, before anything is decided.
#pragma once

#include <optional>
#include <string>

#include "engine/value.h"
#include "stages/resolve/asker.h"
#include "stages/resolve/resolve.h"
#include "stages/resolve/tables.h"

namespace switchyard {

struct Identity {
  Value config;           // a map: the request's, or what the options alone say
  ModelType config_type;  // whose configuration it is
  // --model-type where it differs from the config's own: it decides task, class and composite, the
  // values of the config stay the checkpoint's.
  std::optional<std::string> override_type;  // as the user wrote it

  // The model type that decides.
  std::string deciding_type;
  Value deciding_row;  // of model_types; null for an override that the table does not know
};

// Throws Error(kModel): neither a config nor options that name a model, a config that is no map, a
// model type that is not known (with the nearest ones), or none that could be told.
Identity identify(const Asker& asker, const ResolveRequest& request);

}  // namespace switchyard
