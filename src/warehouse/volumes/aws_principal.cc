// SPDX-License-Identifier: Apache-2.0
#include "warehouse/volumes/aws_principal.h"

#include <fmt/core.h>

#include "base/uuid.h"

namespace tarn::warehouse {

AwsPrincipal NewAwsPrincipal() {
  constexpr size_t kShort = 8;
  constexpr size_t kGroups = 24;  // a UUID's text without its last twelve digits
  const std::string first = Uuid::Random().ToString();
  const std::string second = Uuid::Random().ToString();
  return {.iam_user_arn =
              fmt::format("arn:aws:iam::000000000000:user/tarn-{}", first.substr(0, kShort)),
          .external_id = fmt::format("TARN_SFCRole=1_{}", second.substr(kGroups))};
}

}  // namespace tarn::warehouse
