// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tarn::extension {

/// Registers the background worker that runs the lake engine. REQUIRES: called from _PG_init while
/// shared_preload_libraries are loaded.
void RegisterLauncher();

/// The worker's life. Does not return.
[[noreturn]] void LauncherMain();

}  // namespace tarn::extension
