// SPDX-License-Identifier: Apache-2.0
// For tests: an account with a table in its buckets that somebody else writes, and the objects that
// show it.
#pragma once

#include <gmock/gmock.h>

#include <string>

#include "table/testing/row_lake.h"
#include "warehouse/testing/session_fixture.h"

namespace tarn::warehouse {

class ForeignLakeTest : public SessionTest {
 protected:
  ForeignLakeTest() : lake_(directory_.path() + "/buckets") {
    Run("CREATE DATABASE d");
    Run("CREATE EXTERNAL VOLUME v STORAGE_LOCATIONS = ((NAME = 'l' STORAGE_PROVIDER = 'S3' "
        "STORAGE_BASE_URL = 's3://bucket/' "
        "STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::012345678910:role/r'))");
    Run("CREATE CATALOG INTEGRATION c CATALOG_SOURCE = OBJECT_STORE TABLE_FORMAT = ICEBERG "
        "ENABLED = TRUE");
  }

  /// As a volume's METADATA_FILE_PATH: below s3://bucket/.
  static std::string PathOf(const iceberg::LoadedTable& table) {
    constexpr std::string_view kBase = "s3://bucket/";
    EXPECT_TRUE(table.metadata_location.starts_with(kBase)) << table.metadata_location;
    return table.metadata_location.substr(kBase.size());
  }
  static std::string Named(const std::string& table, const std::string& path) {
    return "CREATE OR REPLACE ICEBERG TABLE " + table +
           " EXTERNAL_VOLUME = 'v' CATALOG = 'c' METADATA_FILE_PATH = '" + path + "'";
  }

  /// As PostgreSQL makes its columns.
  iceberg::LoadedTable MakeOrders() {
    return lake_.Create("orders", {table::Column(1, "txn_id", Type::Primitive(TypeKind::kInt)),
                                   table::Column(2, "total", Type::Decimal(12, 2)),
                                   table::Column(3, "method", Type::Primitive(TypeKind::kString))});
  }
  static table::Row Order(int32_t id, int64_t cents, const std::string& method) {
    return {Value(id), Value(Int128{cents}), Value(method)};
  }

  table::RowLake lake_;
};

}  // namespace tarn::warehouse
