// The few Python names that a state dict needs, and what they do here.
//
//   collections.OrderedDict                 a dict
//   torch.FloatStorage, ...                 the element type of a storage
//   torch._utils._rebuild_tensor[_v2]       a tensor: storage, first element, shape, strides, ...
//   torch._utils._rebuild_parameter[_with_state]    the tensor it is given
//   torch._tensor._rebuild_from_type_v2     the same, through a function of the above
//   torch.Size                              a tuple
//   torch.device, torch.float32, argparse.Namespace, ...   kept as something that nobody asks
#pragma once

#include <string>
#include <string_view>

#include "stages/weights/torch/pickle.h"

namespace switchyard::torch {

// The node for MODULE.NAME. Throws Error(kModel) for every name that is not one of the above.
Node find_name(std::string_view module, std::string_view name, const std::string& file);

// What calling `function` with `arguments` gives; may add nodes and tensors.
// Throws Error(kModel): not callable, or not with these arguments.
Node call(Pickle& pickle, NodeId function, NodeId arguments, const std::string& file);

// The storage that a persistent id stands for: ('storage', TYPE, key, device, elements).
// Throws Error(kModel) when it is something else.
Node find_storage(const Pickle& pickle, NodeId id, const std::string& file);

}  // namespace switchyard::torch
