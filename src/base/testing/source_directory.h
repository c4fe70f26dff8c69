// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tarn {

/// The checkout that the tests were built from, for files that they read. In a library of its own,
/// so that no other object depends on where the checkout lies.
const char* SourceDirectory();

}  // namespace tarn
