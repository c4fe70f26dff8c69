// SPDX-License-Identifier: Apache-2.0
// Numbers by format models ("SQL format models"): 0 9 X . D , G $ % S MI B FM TM TM9 TME and texts
// in double quotes; what is no element stands for itself.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tarn::engine {

/// `number` is a decimal number's text. Digits that do not fit are `#`.
std::string FormatNumber(std::string_view number, std::string_view model);
/// The number in a text that a model describes, as a decimal number's text; nothing: it does not
/// match. Blanks, group separators and `+` may be missing.
std::optional<std::string> ReadNumber(std::string_view text, std::string_view model);

}  // namespace tarn::engine
