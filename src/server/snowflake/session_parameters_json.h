// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "warehouse/session.h"

namespace tarn::server::snowflake {

/// The member `parameters` of answers: all of them, [{"name": …, "value": …}], values in the JSON
/// types that clients cast to.
std::string ParametersJson(const warehouse::Session& session);

}  // namespace tarn::server::snowflake
