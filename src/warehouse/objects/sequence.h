// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "warehouse/objects/object_kind.h"

namespace tarn::warehouse {

struct Sequence {
  static constexpr ObjectKind kKind = ObjectKind::kSequence;
  int64_t next_value = 1;
  int64_t increment = 1;
  bool ordered = false;
  bool operator==(const Sequence&) const = default;
};

template <>
struct Fields<Sequence> {
  static constexpr auto kAll =
      std::tuple{Field{"next_value", &Sequence::next_value},
                 Field{"increment", &Sequence::increment}, Field{"ordered", &Sequence::ordered}};
};

}  // namespace tarn::warehouse
