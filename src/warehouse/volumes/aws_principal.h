// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tarn::warehouse {

/// Whom a role's trust policy would name. There is no such user: the texts are made up once per
/// object, so that scripts that read them from DESCRIBE find what they look for.
struct AwsPrincipal {
  std::string iam_user_arn, external_id;
};

AwsPrincipal NewAwsPrincipal();

}  // namespace tarn::warehouse
