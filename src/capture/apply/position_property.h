// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tarn::capture {

/// Of the metadata of every table that is replicated: up to which change of its source its rows
/// are.
inline constexpr const char* kPositionProperty = "tarn.capture.position";

}  // namespace tarn::capture
