// SPDX-License-Identifier: Apache-2.0
// tarn engine: the lake engine beside one PostgreSQL. The extension's background worker starts it;
// it is not meant to be typed.
#include "cli/commands.h"
#include "cli/report.h"

namespace tarn::cli {

void AddEngineCommand(CLI::App& app, int& status) {
  CLI::App* command = app.add_subcommand("engine", "the lake engine of one PostgreSQL server");
  command->group("");
  command->callback([&status] {
    status = ReportError({ErrorKind::kUnsupported, "this build has no engine", {}, {}});
  });
}

}  // namespace tarn::cli
