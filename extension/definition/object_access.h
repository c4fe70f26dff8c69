// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tarn::extension {

/// Notes relations that DDL makes, alters and drops. Called once from _PG_init.
void InstallObjectAccessHook();

}  // namespace tarn::extension
