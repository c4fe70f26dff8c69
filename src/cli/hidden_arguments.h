// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace tarn::cli {

/// The arguments behind the program's name. Connection URLs among them that have a password are
/// overwritten where others see them (`ps`, /proc): it is there no longer than this takes.
std::vector<std::string> TakeArguments(int argc, char** argv);

}  // namespace tarn::cli
