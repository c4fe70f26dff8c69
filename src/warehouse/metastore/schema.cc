// SPDX-License-Identifier: Apache-2.0
#include "warehouse/metastore/schema.h"

#include <array>
#include <string>

#include "warehouse/metastore/schema_steps.h"
#include "warehouse/metastore/stored_value.h"

namespace tarn::warehouse {
namespace {

/// "TarM", in the file's header.
constexpr int64_t kApplicationId = 0x5461724d;

constexpr auto kSteps = std::to_array<std::string_view>(
    {kObjectsStep, kPointersStep, kHistoryStep, kNamespacePropertiesStep, kIdentityValuesStep,
     kLoadHistoryStep, kConnectorStep, kUserKeysStep, kTemporaryObjectsStep, kCaptureModeStep});

}  // namespace

std::span<const std::string_view> MigrationSteps() { return kSteps; }

int64_t MetastoreFileVersion() { return static_cast<int64_t>(kSteps.size()); }

Result<> Migrate(Connection& connection) {
  TARN_ASSIGN(const auto version, SelectOne<int64_t>(connection, "PRAGMA user_version"));
  TARN_ASSIGN(const auto application, SelectOne<int64_t>(connection, "PRAGMA application_id"));
  TARN_ASSIGN(const auto tables,
              SelectOne<int64_t>(connection, "SELECT count(*) FROM sqlite_schema"));
  const bool is_new = *version == 0 && *tables == 0;
  if (!is_new && *application != kApplicationId) {
    return Fail(ErrorKind::kCorruption, "the metastore's file is another program's database");
  }
  if (*version > MetastoreFileVersion()) {
    return std::unexpected(
        Error{ErrorKind::kUnsupported,
              fmt::format("the metastore has version {}, this program knows up to {}", *version,
                          MetastoreFileVersion()),
              "A newer program has used this data directory.",
              "Use that program, or a newer one; nothing was changed."});
  }
  for (int64_t step = *version; step < MetastoreFileVersion(); ++step) {
    std::string script = "BEGIN IMMEDIATE;";
    script += kSteps[static_cast<size_t>(step)];
    script += fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}; COMMIT;",
                          kApplicationId, step + 1);
    if (Result<> done = connection.Script(script); !done) {
      if (connection.in_transaction()) (void)connection.Script("ROLLBACK");
      return done;
    }
  }
  return {};
}

}  // namespace tarn::warehouse
