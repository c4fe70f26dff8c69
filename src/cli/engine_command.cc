// SPDX-License-Identifier: Apache-2.0
// tarn engine: the lake engine beside one PostgreSQL. The extension's background worker starts it;
// it is not meant to be typed (docs/internals/engine-process.md).
#include "lake/engine_process.h"

#include <memory>

#include "cli/commands.h"

namespace tarn::cli {

void AddEngineCommand(CLI::App& app, int& status) {
  CLI::App* command = app.add_subcommand("engine", "the lake engine of one PostgreSQL server");
  command->group("");
  struct Options {
    lake::EngineProcessOptions engine;
    std::string pgdata;
  };
  const auto options = std::make_shared<Options>();
  lake::EngineProcessOptions& engine = options->engine;
  command->add_option("--pgdata", options->pgdata, "the server's data directory")->required();
  command->add_option("--socket", engine.socket_path, "where to listen")->required();
  command->add_option("--buckets", engine.buckets_directory, "the directory of bucket directories")
      ->required();
  command->add_option("--allow-location", engine.allowed_prefixes, "a further prefix for tables")
      ->expected(1)
      ->take_all();
  command->add_option("--memory-limit-mb", engine.memory_limit_mb, "0: half of the machine's");
  command->add_option("--buffer-limit-mb", engine.buffer_limit_mb,
                      "rows and metadata that all sessions hold; 0: 512");
  command->add_option("--threads", engine.threads, "0: as many as the machine has cores");
  command->add_option("--spill", engine.spill_directory, "directory for what exceeds the memory");
  command->add_option("--fault-plan", engine.fault_plan, "failures to inject, for tests");
  command->add_option("--log", engine.log_level, "debug, info, warn or error");
  command->callback([options, &status] {
    options->engine.journal_directory = options->pgdata + "/tarn/journal";
    status = lake::RunEngine(options->engine);
  });
}

}  // namespace tarn::cli
