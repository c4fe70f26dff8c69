// SPDX-License-Identifier: Apache-2.0
// For tests: a schema to make tables in, and what their files are like.
#pragma once

#include <memory>
#include <string>

#include "iceberg/fsck/fsck.h"
#include "table/table_cache.h"
#include "warehouse/metastore/table_pointers.h"
#include "warehouse/testing/session_fixture.h"

namespace tarn::warehouse {

class ManagedTableTest : public SessionTest {
 protected:
  ManagedTableTest() { Run("CREATE DATABASE d"); }

  /// Every table of the account is sound when the test ends.
  void TearDown() override {
    const auto snapshot = Must(account_->metastore().Read());
    ExpectSound<Table>(*snapshot);
    ExpectSound<DynamicTable>(*snapshot);
  }

  template <typename Noun>
  void ExpectSound(const Snapshot& moment) {
    for (const auto& table : Must(moment.Objects<Noun>("WHERE o.dropped_ms IS NULL"))) {
      const Snapshot* const snapshot = &moment;
      const auto pointer = Must(FindPointer(*snapshot, table.head.id));
      ASSERT_TRUE(pointer) << table.head.name;
      const table::TableContext& tables = account_->tables();
      const auto report = Must(iceberg::Fsck(*tables.storage, &tables.engine->data_file_reader(),
                                             pointer->metadata_location, {}));
      for (const iceberg::Finding& finding : report.findings) {
        if (finding.severity == iceberg::Severity::kNote) continue;
        ADD_FAILURE() << table.head.name << ": " << finding.code << " at " << finding.location
                      << ": " << finding.message;
      }
    }
  }

  std::shared_ptr<const iceberg::TableMetadata> MetadataOf(const std::string& name) {
    const auto snapshot = Must(account_->metastore().Read());
    for (const auto& table : Must(snapshot->Objects<Table>("WHERE o.dropped_ms IS NULL"))) {
      if (table.head.name != name) continue;
      const auto pointer = Must(FindPointer(*snapshot, table.head.id));
      return Must(account_->tables().tables->Load(pointer->metadata_location)).metadata;
    }
    ADD_FAILURE() << "no table " << name;
    return nullptr;
  }

  std::unique_ptr<Session> OpenInSchema() {
    auto session = Open({.user = "ADMIN"});
    EXPECT_TRUE(Try(*session, "USE SCHEMA d.public"));
    return session;
  }
  Lines RunIn(Session& session, const std::string& text) {
    auto lines = Try(session, text);
    if (lines) return *std::move(lines);
    ADD_FAILURE() << text << ": " << Told(lines) << " " << lines.error().error.detail;
    return {};
  }
};

}  // namespace tarn::warehouse
