// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "table/ownership.h"
#include "table/pins.h"
#include "warehouse/lake_tables/external_table.h"
#include "warehouse/lake_tables/foreign_columns.h"
#include "warehouse/lake_tables/foreign_metadata.h"
#include "warehouse/testing/foreign_lake.h"

namespace tarn::warehouse {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class ExternalTableTest : public ForeignLakeTest {
 protected:
  iceberg::LoadedTable MakeTwoOrders() {
    MakeOrders();
    return lake_.Append("orders", {Order(1, 1050, "CARD"), Order(2, 200, "CASH")});
  }
  std::string Refresh(const std::string& path, const std::string& more = "") {
    return ErrorOf("ALTER ICEBERG TABLE orders REFRESH '" + path + "'" + more);
  }
};

TEST_F(ExternalTableTest, ShowsTheRowsOfItsMetadataFile) {
  const auto made = MakeTwoOrders();
  EXPECT_THAT(Run(Named("orders", PathOf(made))),
              ElementsAre("Table ORDERS successfully created."));
  EXPECT_EQ(Run("SELECT txn_id, total, METHOD FROM orders ORDER BY txn_id"),
            (Lines{"1|1050e-2|CARD", "2|200e-2|CASH"}));
  EXPECT_EQ(Run("SELECT \"TXN_ID\" FROM d.public.orders WHERE total > 5"), Lines{"1"});
  EXPECT_THAT(ErrorOf("SELECT \"txn_id\" FROM orders"), StartsWith("000904"));
  EXPECT_THAT(Run("SHOW ICEBERG TABLES"),
              ElementsAre(HasSubstr("|ORDERS|D|PUBLIC|ACCOUNTADMIN|V|C|UNMANAGED|")));
  EXPECT_THAT(Run("DESCRIBE TABLE orders"),
              ElementsAre(StartsWith("TXN_ID|NUMBER(10,0)|COLUMN|Y"),
                          StartsWith("TOTAL|NUMBER(12,2)|COLUMN|Y"),
                          StartsWith("METHOD|VARCHAR(16777216)|COLUMN|Y")));
  Reopen();
  Run("USE DATABASE d");
  EXPECT_EQ(Run("SELECT COUNT(*) FROM orders"), Lines{"2"});
  lake_.ExpectSound(made);
}

TEST_F(ExternalTableTest, MovesOnByRefreshAlone) {
  const auto empty = MakeOrders();
  Run(Named("orders", PathOf(empty)));
  EXPECT_EQ(Run("SELECT COUNT(*) FROM orders"), Lines{"0"});
  const auto one = lake_.Append("orders", {Order(1, 100, "CARD")});
  const auto two = lake_.Append("orders", {Order(2, 200, "CASH")});
  EXPECT_EQ(Run("SELECT COUNT(*) FROM orders"), Lines{"0"});
  EXPECT_EQ(Refresh(PathOf(one)), "ok");
  EXPECT_EQ(Run("SELECT txn_id FROM orders"), Lines{"1"});
  const int64_t version = account_->metastore().version();
  EXPECT_EQ(Refresh(PathOf(one)), "ok");
  EXPECT_EQ(account_->metastore().version(), version) << "a refresh to what is shown costs nothing";
  // The newest one, without naming it.
  Run("ALTER ICEBERG TABLE orders REFRESH");
  EXPECT_EQ(Run("SELECT txn_id FROM orders ORDER BY 1"), (Lines{"1", "2"}));
  EXPECT_THAT(Refresh(PathOf(one)), HasSubstr("is older than the one that table 'ORDERS' shows"));
  EXPECT_EQ(Run("SELECT COUNT(*) FROM orders"), Lines{"2"});
  EXPECT_EQ(Refresh(PathOf(one), " FORCE = TRUE"), "ok");
  EXPECT_EQ(Run("SELECT COUNT(*) FROM orders"), Lines{"1"});
  lake_.ExpectSound(two);
}

TEST_F(ExternalTableTest, RefreshIsNoPartOfATransaction) {
  const auto made = MakeTwoOrders();
  Run(Named("orders", PathOf(made)));
  Run("BEGIN");
  EXPECT_THAT(Refresh(PathOf(made)), HasSubstr("cannot run inside a transaction"));
  Run("ROLLBACK");
  EXPECT_EQ(Refresh(PathOf(made)), "ok");
}

TEST_F(ExternalTableTest, ColumnsFollowTheMetadata) {
  const auto first = MakeTwoOrders();
  Run(Named("orders", PathOf(first)));
  iceberg::Schema wider = first.metadata->current_schema();
  wider.fields[2].name = "payment";
  wider.fields.push_back(table::Column(4, "synced_at", Type::Primitive(TypeKind::kTimestamp)));
  iceberg::ChangeSet changes{.read_snapshot = first.metadata->current_snapshot_id};
  changes.schema = {.read = first.metadata->current_schema(), .fields = wider.fields};
  const auto second = Must(
      lake_.TryCommit("orders", std::move(changes), iceberg::NewSnapshotId(first.metadata.get())));
  EXPECT_EQ(Run("SELECT method FROM orders WHERE txn_id = 1"), Lines{"CARD"});
  EXPECT_EQ(Refresh(PathOf(second)), "ok");
  EXPECT_EQ(Run("SELECT payment, synced_at FROM orders WHERE txn_id = 1"), Lines{"CARD|NULL"});
  EXPECT_THAT(ErrorOf("SELECT method FROM orders"), StartsWith("000904"));
  lake_.ExpectSound(second);
}

TEST_F(ExternalTableTest, DefaultsComeFromWhereItLives) {
  const auto made = MakeTwoOrders();
  const std::string bare =
      "CREATE ICEBERG TABLE orders METADATA_FILE_PATH = '" + PathOf(made) + "'";
  EXPECT_EQ(ErrorOf(bare),
            "002029 (42601): SQL compilation error:\nMissing option(s): [EXTERNAL_VOLUME].");
  Run("ALTER DATABASE d SET EXTERNAL_VOLUME = 'v'");
  Run("ALTER SCHEMA d.public SET CATALOG = 'c'");
  Run(bare);
  EXPECT_EQ(Run("SELECT COUNT(*) FROM orders"), Lines{"2"});
  EXPECT_THAT(ErrorOf(bare), StartsWith("002002 (42710)"));
  EXPECT_THAT(Run("CREATE ICEBERG TABLE IF NOT EXISTS orders METADATA_FILE_PATH = "
                  "'gone/metadata/00000-a.metadata.json'"),
              ElementsAre("ORDERS already exists, statement succeeded."));
}

TEST_F(ExternalTableTest, WhatCannotBeReadIsRefused) {
  const auto made = MakeTwoOrders();
  EXPECT_THAT(ErrorOf(Named("t", "lake/orders/metadata/00009-x.metadata.json")),
              StartsWith("091003 (02000): Metadata file "
                         "'s3://bucket/lake/orders/metadata/00009-x.metadata.json' does not"));
  for (const char* path : {"/lake/orders/metadata/0-a.metadata.json", "lake/../x.metadata.json",
                           "lake//x.metadata.json", "lake/orders/metadata/a.json", ""}) {
    EXPECT_THAT(ErrorOf(Named("t", path)), StartsWith("001008 (22023)")) << path;
  }
  Must(lake_.storage().Put("s3://bucket/lake/bad.metadata.json", std::string_view("{\"format-"),
                           storage::PutMode::kReplace));
  EXPECT_THAT(ErrorOf(Named("t", "lake/bad.metadata.json")), StartsWith("091003 (22000)"));
  EXPECT_THAT(Run("SHOW ICEBERG TABLES"), ElementsAre());
  // A manifest list that is gone.
  Must(lake_.storage().Delete(made.metadata->current_snapshot()->manifest_list));
  EXPECT_THAT(ErrorOf(Named("t", PathOf(made))), StartsWith("091003"));
}

TEST_F(ExternalTableTest, NothingOutsideOfTheVolumeIsRead) {
  const auto made = MakeTwoOrders();
  const std::string metadata = Must(lake_.storage().Read(made.metadata_location));
  // Metadata within the volume, of a table that lies in another bucket.
  std::string moved = metadata;
  for (size_t at = 0; (at = moved.find("s3://bucket/", at)) != std::string::npos;) {
    moved.replace(at, 12, "s3://vault0/");
  }
  Must(lake_.storage().Put("s3://bucket/lake/orders/metadata/00008-m.metadata.json", moved,
                           storage::PutMode::kReplace));
  EXPECT_THAT(ErrorOf(Named("t", "lake/orders/metadata/00008-m.metadata.json")),
              StartsWith("091109 (22000): table \"s3://vault0/lake/orders\" lies outside of"));
  // The volume shrinks below the table.
  Run(Named("orders", PathOf(made)));
  Run("CREATE EXTERNAL VOLUME narrow STORAGE_LOCATIONS = ((NAME = 'l' STORAGE_PROVIDER = 'S3' "
      "STORAGE_BASE_URL = 's3://bucket/lake/orders/metadata/' STORAGE_AWS_ROLE_ARN = 'r'))");
  std::string path = PathOf(made);
  path.erase(0, std::string("lake/orders/metadata/").size());
  EXPECT_THAT(ErrorOf("CREATE ICEBERG TABLE t EXTERNAL_VOLUME = narrow CATALOG = c "
                      "METADATA_FILE_PATH = '" +
                      path + "'"),
              StartsWith("091109 (22000): table"));
}

TEST_F(ExternalTableTest, PlansNameNoFileElsewhere) {
  const auto made = MakeTwoOrders();
  const StorageArea orders{.base = "s3://bucket/lake/orders/", .allowed = {}, .blocked = {}};
  const auto plan = lake_.Plan(made);
  EXPECT_TRUE(CheckPlannedFiles(orders, plan));
  const StorageArea metadata{.base = "s3://bucket/lake/orders/metadata/"};
  EXPECT_THAT(Told(CheckPlannedFiles(metadata, plan)), StartsWith("091109 (22000): file \""));
  const StorageArea blocked{.base = "s3://bucket/",
                            .allowed = std::vector<std::string>{"s3://bucket/lake/"},
                            .blocked = {"s3://bucket/lake/orders/data"}};
  EXPECT_FALSE(CheckPlannedFiles(blocked, plan));
}

TEST_F(ExternalTableTest, IsOfOneTableAndItsOwnersToMove) {
  const auto made = MakeTwoOrders();
  Run(Named("orders", PathOf(made)));
  const auto other =
      lake_.Create("others", {table::Column(1, "a", Type::Primitive(TypeKind::kInt))});
  EXPECT_THAT(Refresh(PathOf(other)), HasSubstr("is of another table than 'ORDERS'"));
  Run("CREATE ROLE reader");
  Run("CREATE USER ann DEFAULT_ROLE = reader");
  Run("GRANT ROLE reader TO USER ann");
  for (const char* grant :
       {"USAGE ON DATABASE d", "USAGE ON SCHEMA d.public", "SELECT ON TABLE d.public.orders"}) {
    Run(std::string("GRANT ") + grant + " TO ROLE reader");
  }
  const auto ann = Open({.user = "ann", .database = "d", .schema = "public"});
  EXPECT_EQ(Must(Try(*ann, "SELECT COUNT(*) FROM d.public.orders")), Lines{"2"});
  EXPECT_THAT(Told(Try(*ann, "ALTER ICEBERG TABLE d.public.orders REFRESH")),
              StartsWith("003001 (42501)"));
  EXPECT_THAT(Told(Try(*ann,
                       "CREATE ICEBERG TABLE d.public.mine EXTERNAL_VOLUME = 'v' "
                       "CATALOG = 'c' METADATA_FILE_PATH = '" +
                           PathOf(made) + "'")),
              HasSubstr("does not exist or not authorized"));
}

TEST_F(ExternalTableTest, DisabledAndUnbuiltCatalogsGiveNoTables) {
  const auto made = MakeTwoOrders();
  Run(Named("orders", PathOf(made)));
  Run("ALTER CATALOG INTEGRATION c SET ENABLED = FALSE");
  EXPECT_THAT(ErrorOf(Named("t", PathOf(made))), StartsWith("093518 (22023)"));
  EXPECT_THAT(Refresh("lake/orders/metadata/00000-a.metadata.json"), StartsWith("093518 (22023)"));
  EXPECT_EQ(Run("SELECT COUNT(*) FROM orders"), Lines{"2"});
  Run("CREATE CATALOG INTEGRATION r CATALOG_SOURCE = ICEBERG_REST TABLE_FORMAT = ICEBERG "
      "REST_CONFIG = (CATALOG_URI = 'http://localhost:1/') "
      "REST_AUTHENTICATION = (TYPE = BEARER BEARER_TOKEN = 'secret') ENABLED = TRUE");
  EXPECT_EQ(
      ErrorOf("CREATE ICEBERG TABLE t EXTERNAL_VOLUME = v CATALOG = r METADATA_FILE_PATH = '" +
              PathOf(made) + "'"),
      "000002 (0A000): Unsupported feature 'tables of catalog source ICEBERG_REST'.");
  EXPECT_THAT(ErrorOf("DROP INTEGRATION c"), HasSubstr("it is used by TABLE D.PUBLIC.ORDERS"));
}

TEST_F(ExternalTableTest, WhatIsShownIsPinned) {
  const auto first = MakeTwoOrders();
  const std::string location = first.metadata->location;
  const auto pins = [&] {
    std::vector<int64_t> snapshots;
    for (const table::Pin& pin : warehouse::Must(table::ReadPins(lake_.storage(), location, 0))) {
      snapshots.push_back(pin.snapshot_id.value());
    }
    return snapshots;
  };
  Run(Named("foreign_one", PathOf(first)));
  EXPECT_THAT(pins(), ElementsAre()) << "nobody there would look at them";
  Must(lake_.storage().Put(table::OwnerFileLocation(location),
                           std::string_view(R"({"table-uuid": "x"})"), storage::PutMode::kReplace));
  Run(Named("orders", PathOf(first)));
  EXPECT_THAT(pins(), ElementsAre(first.metadata->current_snapshot_id->value()));
  const auto second = lake_.Append("orders", {Order(3, 1, "CARD")});
  EXPECT_EQ(Refresh(PathOf(second)), "ok");
  EXPECT_THAT(pins(), testing::UnorderedElementsAre(first.metadata->current_snapshot_id->value(),
                                                    second.metadata->current_snapshot_id->value()));
}

TEST_F(ExternalTableTest, FollowsTheNewestFile) {
  const auto first = MakeTwoOrders();
  Run(Named("orders", PathOf(first)) + " AUTO_REFRESH = TRUE");
  const ObjectId id = [&] {
    const auto snapshot = Must(account_->metastore().Read());
    return Must(snapshot->Heads("WHERE o.name = 'ORDERS'")).at(0).id;
  }();
  const auto follow = [&] { return Must(FollowNewest(*account_, id, account_->clock().NowMs())); };
  EXPECT_FALSE(follow().moved);
  lake_.Append("orders", {Order(3, 1, "CARD")});
  const auto last = lake_.Append("orders", {Order(4, 1, "CARD")});
  EXPECT_TRUE(follow().moved);
  EXPECT_EQ(Run("SELECT COUNT(*) FROM orders"), Lines{"4"});
  const auto snapshot = Must(account_->metastore().Read());
  const Caller admin{.user = {},
                     .role = Must(snapshot->FindNamed(kAccountId, "role", "ACCOUNTADMIN"))->id,
                     .database = "D",
                     .schema = "PUBLIC"};
  EXPECT_EQ(Must(IcebergTableInformation(*snapshot, admin, {.name = "ORDERS"})),
            R"({"metadataLocation":")" + last.metadata_location + R"(","status":"success"})");
}

TEST_F(ExternalTableTest, SystemFunctionsTellOfIt) {
  const auto made = MakeTwoOrders();
  Run(Named("orders", PathOf(made)));
  EXPECT_EQ(
      Run("SELECT SYSTEM$GET_ICEBERG_TABLE_INFORMATION('d.public.orders')"),
      Lines{R"({"metadataLocation":")" + made.metadata_location + R"(","status":"success"})"});
  EXPECT_EQ(Run("SELECT SYSTEM$AUTO_REFRESH_STATUS('orders')"),
            Lines{R"({"executionState":"STOPPED","pendingSnapshotCount":0})"});
  lake_.Append("orders", {Order(3, 1, "CARD")});
  Run("ALTER ICEBERG TABLE orders SET AUTO_REFRESH = TRUE");
  EXPECT_EQ(Run("SELECT SYSTEM$AUTO_REFRESH_STATUS('orders')"),
            Lines{R"({"executionState":"RUNNING","pendingSnapshotCount":1})"});
  EXPECT_THAT(
      Run("SELECT SYSTEM$VERIFY_EXTERNAL_VOLUME('v')"),
      ElementsAre(StartsWith(R"({"success":true,"storageLocationSelectionResult":"PASSED")")));
  EXPECT_THAT(ErrorOf("SELECT SYSTEM$VERIFY_EXTERNAL_VOLUME('nowhere')"),
              StartsWith("002003 (02000)"));
  EXPECT_THAT(ErrorOf("SELECT SYSTEM$VERIFY_EXTERNAL_VOLUME()"), StartsWith("000938 (22023)"));
  EXPECT_THAT(ErrorOf("SELECT SYSTEM$NO_SUCH('a')"), HasSubstr("Unknown function SYSTEM$NO_SUCH"));
}

TEST(ForeignColumnsTest, NamesAndTypesAreSnowflakes) {
  iceberg::Schema schema;
  schema.fields = {table::Column(1, "id", Type::Primitive(TypeKind::kLong)),
                   table::Column(2, "Name", Type::Primitive(TypeKind::kString)),
                   table::Column(3, "a", Type::Primitive(TypeKind::kTimestampTz)),
                   table::Column(4, "A", Type::Primitive(TypeKind::kDouble)),
                   table::Column(5, "f", Type::Fixed(4))};
  schema.fields[0].required = true;
  const auto columns = Must(ColumnsOfSchema(schema));
  std::vector<std::string> told;
  for (const Column& column : columns) {
    told.push_back(column.name + " " + sql::ToString(column.type) + (column.nullable ? "" : "!"));
  }
  EXPECT_THAT(told, ElementsAre("ID NUMBER(19,0)!", "NAME VARCHAR(16777216)", "a TIMESTAMP_LTZ(6)",
                                "A FLOAT", "F BINARY(4)"));
  schema.fields.push_back(table::Column(6, "shape", Type::Primitive(TypeKind::kGeometry)));
  EXPECT_THAT(ColumnsOfSchema(schema).error().message, StartsWith("column \"shape\": type"));
}

TEST(ForeignMetadataTest, VersionsInNames) {
  EXPECT_EQ(VersionInName("s3://b/t/metadata/00012-8f.metadata.json"), 12);
  EXPECT_EQ(VersionInName("v3.metadata.json"), 3);
  EXPECT_EQ(VersionInName("x-1.metadata.json"), std::nullopt);
  EXPECT_EQ(VersionInName("99999999999999999999-1.metadata.json"), std::nullopt);
  EXPECT_TRUE(IsMetadataFile("a/1-x.gz.metadata.json"));
  EXPECT_FALSE(IsMetadataFile("a/1-x.json"));
}

}  // namespace
}  // namespace tarn::warehouse
