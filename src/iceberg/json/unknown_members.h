// SPDX-License-Identifier: Apache-2.0
// Members of JSON objects that this version does not know are kept as text and written back, so
// that a commit does not drop what another writer put there.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "iceberg/json/json_members.h"
#include "iceberg/json/json_text.h"

namespace tarn::iceberg {

/// The members of `object` not in `known`, as the text of an object; "" if there are none.
std::string UnknownMembers(const Json& object, std::span<const std::string_view> known);

/// Adds the members of an object's text to the object that `out` is in.
void WriteUnknownMembers(std::string_view object_json, JsonText& out);

}  // namespace tarn::iceberg
