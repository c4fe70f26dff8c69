// SPDX-License-Identifier: Apache-2.0
#include "warehouse/objects/routine.h"

namespace tarn::warehouse {

std::string SignatureOf(const std::vector<Argument>& arguments) {
  std::string signature = "(";
  for (const Argument& argument : arguments) {
    if (signature.size() > 1) signature += ", ";
    signature += ToString(argument.type.kind);
  }
  return signature + ")";
}

}  // namespace tarn::warehouse
