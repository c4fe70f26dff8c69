// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tarn::extension {

/// What DDL needs before and after PostgreSQL runs it. Called once from _PG_init.
void InstallUtilityHook();

}  // namespace tarn::extension
