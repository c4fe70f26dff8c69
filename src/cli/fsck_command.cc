// SPDX-License-Identifier: Apache-2.0
// tarn fsck LOCATION
#include "cli/commands.h"
#include "cli/report.h"

namespace tarn::cli {

void AddFsckCommand(CLI::App& app, int& status) {
  CLI::App* command =
      app.add_subcommand("fsck", "checks an Iceberg table against the specification");
  command->callback([&status] {
    status = ReportError({ErrorKind::kUnsupported, "this build cannot check tables yet", {}, {}});
  });
}

}  // namespace tarn::cli
