// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "warehouse/objects/object_kind.h"

namespace tarn::warehouse {

struct Tag {
  static constexpr ObjectKind kKind = ObjectKind::kTag;
  std::vector<std::string> allowed_values;  ///< empty: all
  std::string propagate;
  bool operator==(const Tag&) const = default;
};

template <>
struct Fields<Tag> {
  static constexpr auto kAll = std::tuple{Field{"allowed_values", &Tag::allowed_values},
                                          Field{"propagate", &Tag::propagate}};
};

}  // namespace tarn::warehouse
