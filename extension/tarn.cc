// SPDX-License-Identifier: Apache-2.0
// The library's entry points.
#include "boundary/postgres_headers.h"
#include "definition/object_access.h"
#include "definition/setting_names.h"
#include "definition/settings.h"
#include "definition/statement_checks.h"
#include "definition/utility_hook.h"
#include "process/launcher.h"
#include "process/server_run.h"
#include "scan/custom_scan.h"
#include "transaction/parallel_workers.h"
#include "transaction/pending.h"

extern "C" {
PG_MODULE_MAGIC;

void _PG_init(void) {
  using namespace tarn::extension;
  // One launcher per cluster, and settings that every backend knows: the library can't come later.
  if (!process_shared_preload_libraries_in_progress) {
    ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
                    errmsg("library \"tarn\" must be loaded at server start"),
                    errhint("Add it to shared_preload_libraries and restart the server.")));
  }
  InstallCustomScan();
  DefineSettings();
  ReserveSettingPrefixes();
  InstallServerRun();
  InstallParallelWorkers();
  InstallTransactionCallbacks();
  InstallObjectAccessHook();
  InstallUtilityHook();
  InstallStatementChecks();
  if (!IsBinaryUpgrade) RegisterLauncher();
}
}
