// SPDX-License-Identifier: Apache-2.0
// Statements as they may be shown later: without the passwords and keys that stand in them.
#pragma once

#include <string>
#include <string_view>

namespace tarn::warehouse {

/// The text with every literal that is given to a secret option (PASSWORD = '…') replaced by `***`,
/// also where the statement stands in a string of another one. A literal without an end is taken to
/// go on to the end of the text.
std::string WithoutSecrets(std::string_view text);

}  // namespace tarn::warehouse
