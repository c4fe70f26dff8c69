// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace tarn::capture {

/// How tables look in the destination (docs/internals/capture.md, "Modes").
enum class CaptureMode : uint8_t {
  /// The connector's: names of columns in upper case, three columns more, rows that are deleted in
  /// the source stay and are marked.
  kConnector,
  /// As in the source: its names, its types as near as Iceberg has them, its rows and no others.
  kMirror,
};

}  // namespace tarn::capture
