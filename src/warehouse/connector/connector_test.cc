// SPDX-License-Identifier: Apache-2.0
// The connector as its users see it: the statements of "Real-Time Financial Insights Using Change
// Data Capture", and Snowflake's pages on configuring and monitoring it.
#include "warehouse/connector/connector.h"

#include <gmock/gmock.h>

#include "warehouse/testing/connector_fixture.h"

namespace tarn::warehouse {
namespace {

using capture::Phase;
using capture::PhaseStatus;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

const capture::SourceName kCustomers{"raw_cdc", "customers"};
constexpr const char* kState =
    "SELECT * FROM SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL.PUBLIC.REPLICATION_STATE";

TEST_F(ConnectorTest, TheDocumentFromItsFirstStatementToItsRows) {
  WriteSettings();
  AddSource();
  Run("ALTER APPLICATION SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL SET SHARE_EVENTS_WITH_PROVIDER = TRUE");
  AddTable("customers");
  AddTable("merchants");
  EXPECT_THAT(
      Run(kState),
      ElementsAre("PSQLDS1|raw_cdc|customers|SCHEMA_INTROSPECTION|WAITING|WAITING|WAITING",
                  "PSQLDS1|raw_cdc|merchants|SCHEMA_INTROSPECTION|WAITING|WAITING|WAITING"));
  const auto entry = board_.WaitForTables(2);
  ASSERT_NE(entry.destination, nullptr);
  EXPECT_EQ(entry.options.slot, "sf_db_conn_rs_kbmd_psqlds1");
  EXPECT_EQ(entry.options.publication, "agent_postgres_publication");
  EXPECT_EQ(entry.options.source.password, "s3cr3t-of-the-source");
  ASSERT_TRUE(entry.destination->Create(CustomersTarget(kCustomers)));
  ASSERT_TRUE(WriteCustomers(*entry.destination, kCustomers, {{1, "Ann"}, {2, "Bob"}}, true));
  entry.destination->Report({.name = kCustomers,
                             .phase = Phase::kIncrementalLoad,
                             .introspection = PhaseStatus::kDone,
                             .snapshot = PhaseStatus::kDone,
                             .incremental = PhaseStatus::kInProgress,
                             .error = std::nullopt});
  EXPECT_THAT(Run(std::string(kState) + " WHERE TABLE_NAME = 'customers'"),
              ElementsAre("PSQLDS1|raw_cdc|customers|INCREMENTAL_LOAD|DONE|DONE|IN_PROGRESS"));
  EXPECT_THAT(Run("SELECT CUSTOMER_ID, firstname, _SNOWFLAKE_DELETED FROM "
                  "CONNECTOR_DEST_DB.\"raw_cdc\".\"customers\" ORDER BY 1"),
              ElementsAre("1|Ann|false", "2|Bob|false"));
  ASSERT_TRUE(WriteCustomers(*entry.destination, kCustomers, {{3, "Cy"}}, false));
  // One row per merge; what the first copy brought is none.
  EXPECT_THAT(Run("SELECT RESOURCE_INGESTION_DEFINITION_ID, DATA_SOURCE_NAME, SCHEMA_NAME, "
                  "RESOURCE_NAME, STARTED_AT::VARCHAR, STATUS, INGESTED_ROWS, "
                  "NATIVE_APP_PROCESSING_DURATION_S, AGENT_PROCESSING_DURATION_S FROM "
                  "SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL.PUBLIC.CONNECTOR_STATS"),
              ElementsAre("PSQLDS1.raw_cdc.customers|PSQLDS1|raw_cdc|customers|"
                          "1970-01-01 00:00:01.000|FINISHED|1|30e-3|20e-3"));
}

TEST_F(ConnectorTest, ViewsWorkInAnyQuery) {
  AddSource();
  AddTable("customers");
  AddTable("products");
  EXPECT_THAT(Run("SELECT s.NAME, s.SCHEDULE, COUNT(*) FROM "
                  "SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL.PUBLIC.DATA_SOURCES s JOIN "
                  "SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL.PUBLIC.REPLICATION_STATE t "
                  "ON t.DATA_SOURCE_NAME = s.NAME WHERE t.TABLE_NAME LIKE '%o%' GROUP BY 1, 2"),
              ElementsAre("PSQLDS1|NULL|2"));
  EXPECT_THAT(Run("SELECT * FROM "
                  "SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL.PUBLIC.DATA_SOURCE_REPLICATION_STATE"),
              ElementsAre("PSQLDS1|2|NULL|NULL|WAITING|NULL|NULL"));
  EXPECT_THAT(Run("SELECT ACTION_TYPE, PARAMETERS:data_source_name::VARCHAR, "
                  "PARAMETERS:table_name::VARCHAR FROM "
                  "SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL.PUBLIC.AUDIT_LOG ORDER BY ACTION_TIME, 3"),
              testing::UnorderedElementsAre("Data source added|PSQLDS1|NULL",
                                            "Table replication enabled|PSQLDS1|customers",
                                            "Table replication enabled|PSQLDS1|products"));
  for (const char* view : {"AGENT_AUDIT_LOG", "AGGREGATED_CONNECTOR_STATS",
                           "CONNECTOR_CONFIGURATION", "CONNECTOR_STATS", "SCHEMA_CHANGE_HISTORY"}) {
    EXPECT_THAT(Run(std::string("SELECT * FROM SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL.PUBLIC.") + view),
                SizeIs(std::string_view(view) == "CONNECTOR_CONFIGURATION" ? 2 : 0));
  }
  // As other views are found.
  Run("USE DATABASE SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL");
  EXPECT_THAT(Run("SELECT COUNT(*) FROM replication_state"), ElementsAre("2"));
  EXPECT_THAT(Run("SELECT COUNT(*) FROM information_schema.views WHERE table_schema = 'PUBLIC'"),
              ElementsAre("11"));
}

TEST_F(ConnectorTest, NamesOfDataSources) {
  const auto add = [&](const std::string& name, const std::string& database) {
    return ErrorOf("CALL SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL.PUBLIC.ADD_DATA_SOURCE(" + name + ", " +
                   database + ")");
  };
  EXPECT_THAT(add("'psqlds1'", "'A'"), HasSubstr("only uppercase letters (A-Z)"));
  EXPECT_THAT(add("'DS_1'", "'A'"), HasSubstr("only uppercase letters (A-Z)"));
  EXPECT_THAT(add("'" + std::string(51, 'A') + "'", "'A'"), HasSubstr("50"));
  EXPECT_THAT(add("NULL", "'A'"), HasSubstr("must not be empty"));
  EXPECT_THAT(add("'X'", "'A.B'"), HasSubstr("is not the name of a database"));
  EXPECT_THAT(add("'X'", "'A\"; DROP DATABASE D; --'"), HasSubstr("is not the name of a database"));
  // One that is missing is made; it cannot be that of two.
  EXPECT_EQ(add("'" + std::string(50, 'A') + "'", "'\"of mine\"'"), "ok");
  EXPECT_THAT(Run("SHOW DATABASES LIKE 'of mine'"), SizeIs(1));
  EXPECT_THAT(add("'B'", "'\"of mine\"'"), HasSubstr("is the destination of"));
  EXPECT_THAT(add("'" + std::string(50, 'A') + "'", "'OTHER'"), HasSubstr("already exists"));
  // One that is there must be opened to the application.
  Run("CREATE DATABASE closed");
  EXPECT_THAT(add("'C'", "'closed'"), HasSubstr("may not create schemas"));
  Run("GRANT CREATE SCHEMA ON DATABASE closed TO APPLICATION SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL");
  EXPECT_EQ(add("'C'", "'closed'"), "ok");
  Run("REVOKE CREATE SCHEMA ON DATABASE closed FROM APPLICATION "
      "SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL");
}

TEST_F(ConnectorTest, MasksOfColumns) {
  WriteSettings();
  AddSource();
  const auto add = [&](const std::string& table, const std::string& masks) {
    return ErrorOf(
        "CALL SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL.PUBLIC.ADD_TABLE_WITH_COLUMNS("
        "'PSQLDS1', 'raw_cdc', '" +
        table + "', " + masks + ")");
  };
  EXPECT_THAT(add("a", "ARRAY_CONSTRUCT('A'), ARRAY_CONSTRUCT('A')"),
              HasSubstr("both included and excluded"));
  EXPECT_EQ(add("b", "ARRAY_CONSTRUCT('A', 'Z'), ARRAY_CONSTRUCT('C')"), "ok");
  EXPECT_EQ(add("c", "ARRAY_CONSTRUCT(), ARRAY_CONSTRUCT('C', 'D')"), "ok");
  EXPECT_THAT(add("d", "ARRAY_CONSTRUCT(1), ARRAY_CONSTRUCT()"), HasSubstr("an array of texts"));
  const auto entry = board_.WaitForTables(2);
  ASSERT_THAT(entry.tables, SizeIs(2));
  // Included columns take precedence.
  EXPECT_THAT(entry.tables[0].included_columns, ElementsAre("A", "Z"));
  EXPECT_THAT(entry.tables[0].excluded_columns, IsEmpty());
  EXPECT_THAT(entry.tables[1].excluded_columns, ElementsAre("C", "D"));
}

TEST_F(ConnectorTest, RemovedTablesLeaveTheStateAndStayInTheDestination) {
  WriteSettings();
  AddSource();
  AddTable("customers");
  AddTable("products");
  const auto entry = board_.WaitForTables(2);
  ASSERT_TRUE(entry.destination->Create(CustomersTarget(kCustomers)));
  Run("CALL SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL.PUBLIC.REMOVE_TABLE('PSQLDS1', 'raw_cdc', "
      "'customers')");
  board_.WaitForTables(1);
  const Lines left = {"PSQLDS1|raw_cdc|products|SCHEMA_INTROSPECTION|WAITING|WAITING|WAITING"};
  EXPECT_EQ(WaitForLines(kState, left), left);
  EXPECT_THAT(Run("SELECT COUNT(*) FROM CONNECTOR_DEST_DB.\"raw_cdc\".\"customers\""),
              ElementsAre("0"));
  EXPECT_THAT(ErrorOf("CALL SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL.PUBLIC.REMOVE_TABLES('PSQLDS1', "
                      "'raw_cdc', ARRAY_CONSTRUCT('products', 'customers'))"),
              HasSubstr("'raw_cdc.customers' is not replicated"));
  AddTable("customers");
  board_.WaitForTables(2);
}

TEST_F(ConnectorTest, ATableThatIsLeavingCannotComeBackYet) {
  WriteSettings();
  AddSource();
  AddTable("customers");
  board_.WaitForTables(1);
  const std::unique_lock leaving(board_.removals());
  Run("CALL SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL.PUBLIC.REMOVE_TABLES('PSQLDS1', 'raw_cdc', "
      "ARRAY_CONSTRUCT('customers'))");
  EXPECT_THAT(ErrorOf("CALL SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL.PUBLIC.ADD_TABLES('PSQLDS1', "
                      "'raw_cdc', ARRAY_CONSTRUCT('customers'))"),
              HasSubstr("Tables are not ready to be re-added"));
}

TEST_F(ConnectorTest, HostileNames) {
  AddSource();
  const auto add = [&](const std::string& schema, const std::string& table) {
    return ErrorOf("CALL SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL.PUBLIC.ADD_TABLES('PSQLDS1', '" +
                   schema + "', ARRAY_CONSTRUCT('" + table + "'))");
  };
  EXPECT_THAT(add("a\"b", "t"), HasSubstr("double quote"));
  EXPECT_THAT(add("s", "t\"; DROP TABLE x; --"), HasSubstr("double quote"));
  EXPECT_THAT(add("INFORMATION_SCHEMA", "t"), HasSubstr("cannot be replicated"));
  EXPECT_EQ(add("it''s", "x''); DROP DATABASE D; --"), "ok");
  EXPECT_THAT(Run(kState), ElementsAre(StartsWith("PSQLDS1|it's|x'); DROP DATABASE D; --|")));
}

TEST_F(ConnectorTest, WhoMayCallAndRead) {
  AddSource();
  const auto other = OpenAsOther();
  const std::string call =
      "CALL SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL.PUBLIC.ADD_TABLES('PSQLDS1', 's', "
      "ARRAY_CONSTRUCT('t'))";
  EXPECT_NE(Told(Try(*other, call)), "ok");
  EXPECT_THAT(Told(Try(*other, kState)), StartsWith("002003"));
  EXPECT_THAT(Told(Try(*other, "DROP APPLICATION SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL CASCADE")),
              StartsWith("002003"));
  Run("GRANT APPLICATION ROLE SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL.VIEWER TO ROLE r");
  EXPECT_EQ(Told(Try(*other,
                     "SELECT * FROM "
                     "SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL.PUBLIC.DATA_SOURCES")),
            "ok");
  EXPECT_THAT(Told(Try(*other, kState)), StartsWith("002003"));
  EXPECT_NE(Told(Try(*other, call)), "ok");
  Run("GRANT APPLICATION ROLE SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL.ADMIN TO ROLE r");
  EXPECT_EQ(Told(Try(*other, call)), "ok");
  EXPECT_EQ(Told(Try(*other, kState)), "ok");
  Run("REVOKE APPLICATION ROLE SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL.ADMIN FROM ROLE r");
  EXPECT_NE(Told(Try(*other, call)), "ok");
  // A role of the application is none of the account.
  EXPECT_THAT(ErrorOf("GRANT ROLE VIEWER TO ROLE r"), StartsWith("002003"));
  EXPECT_THAT(ErrorOf("USE ROLE DATA_READER"), Not(testing::StrEq("ok")));
}

TEST_F(ConnectorTest, WhoMayReadAndWriteReplicatedTables) {
  WriteSettings();
  AddSource();
  AddTable("customers");
  const auto entry = board_.WaitForTables(1);
  ASSERT_TRUE(entry.destination->Create(CustomersTarget(kCustomers)));
  const std::string table = "CONNECTOR_DEST_DB.\"raw_cdc\".\"customers\"";
  // Nobody but the application writes, not even the administrator.
  EXPECT_THAT(ErrorOf("INSERT INTO " + table + " (CUSTOMER_ID) VALUES (1)"), StartsWith("003001"));
  EXPECT_THAT(ErrorOf("DROP TABLE " + table), StartsWith("003001"));
  const auto other = OpenAsOther();
  EXPECT_THAT(Told(Try(*other, "SELECT * FROM " + table)), StartsWith("002003"));
  Run("GRANT APPLICATION ROLE SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL.DATA_READER TO ROLE r");
  // The database is somebody else's.
  Run("GRANT USAGE ON DATABASE CONNECTOR_DEST_DB TO ROLE r");
  EXPECT_EQ(Told(Try(*other, "SELECT * FROM " + table)), "ok");
  EXPECT_THAT(Run("SHOW TABLES LIKE 'customers' IN DATABASE CONNECTOR_DEST_DB"),
              ElementsAre(HasSubstr("|SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL|")));
  EXPECT_THAT(Run("DESCRIBE TABLE " + table),
              ElementsAre(StartsWith("CUSTOMER_ID|NUMBER(38,0)|COLUMN|N|"),
                          StartsWith("FIRSTNAME|VARCHAR(134217728)|"),
                          StartsWith("_SNOWFLAKE_INSERTED_AT|TIMESTAMP_NTZ(9)|"),
                          StartsWith("_SNOWFLAKE_UPDATED_AT|TIMESTAMP_NTZ(9)|"),
                          StartsWith("_SNOWFLAKE_DELETED|BOOLEAN|")));
  // Given away, it is written no more.
  Run("GRANT OWNERSHIP ON TABLE " + table + " TO ROLE r REVOKE CURRENT GRANTS");
  const auto written = WriteCustomers(*entry.destination, kCustomers, {{1, "Ann"}}, false);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind, ErrorKind::kPermissionDenied);
}

TEST_F(ConnectorTest, ColumnsComeAndAreRenamed) {
  WriteSettings();
  AddSource();
  AddTable("customers");
  const auto entry = board_.WaitForTables(1);
  ASSERT_TRUE(entry.destination->Create(CustomersTarget(kCustomers)));
  ASSERT_TRUE(WriteCustomers(*entry.destination, kCustomers, {{1, "Ann"}}, true));
  capture::Destination::Alteration alteration;
  alteration.added.push_back(
      {.name = "AGE", .type = {.kind = capture::TargetKind::kNumber, .precision = 38}});
  alteration.added.push_back({.name = "SEEN", .type = {.kind = capture::TargetKind::kTimestampTz}});
  alteration.renamed["FIRSTNAME"] = "FIRSTNAME__SNOWFLAKE_DELETED";
  ASSERT_TRUE(entry.destination->Alter(kCustomers, alteration));
  ASSERT_TRUE(WriteCustomers(*entry.destination, kCustomers, {{2, "Bob"}}, false));
  EXPECT_THAT(Run("SELECT customer_id, firstname__snowflake_deleted, age, seen FROM "
                  "CONNECTOR_DEST_DB.\"raw_cdc\".\"customers\" ORDER BY 1"),
              ElementsAre("1|Ann|NULL|NULL", "2|Bob|NULL|NULL"));
  EXPECT_FALSE(entry.destination->Alter(kCustomers, alteration)) << "two columns of one name";
}

TEST_F(ConnectorTest, WaitsForSettingsAndFollowsThem) {
  AddSource();
  AddTable("customers");
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(board_.started(), 0U);
  WriteSettings();
  board_.WaitForTables(1);
  const Lines ongoing = {"ONGOING|true"};
  EXPECT_EQ(WaitForLines("SELECT REPLICATION_STATUS, CONNECTED_AGENT_ID IS NOT NULL FROM "
                         "SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL.PUBLIC.DATA_SOURCE_REPLICATION_STATE",
                         ongoing),
            ongoing);
  WriteSettings("another-one");
  board_.WaitFor([](const StartedCaptures::Entry& entry) {
    return entry.options.source.password == "another-one";
  });
}

TEST_F(ConnectorTest, GoesOnAfterARestart) {
  WriteSettings();
  AddSource();
  AddTable("customers");
  auto entry = board_.WaitForTables(1);
  ASSERT_TRUE(entry.destination->Create(CustomersTarget(kCustomers)));
  ASSERT_TRUE(WriteCustomers(*entry.destination, kCustomers, {{1, "Ann"}}, false));
  ASSERT_TRUE(entry.destination->SaveSlot({.slot = "s",
                                           .system_identifier = "7",
                                           .created = capture::Lsn(5),
                                           .acknowledged = capture::Lsn(0x1'0000'0006)}));
  OpenWithConnector();
  entry = board_.WaitForTables(1);
  const auto slot = Must(entry.destination->FindSlot());
  ASSERT_TRUE(slot);
  EXPECT_EQ(slot->acknowledged, capture::Lsn(0x1'0000'0006));
  const auto found = Must(entry.destination->Find(kCustomers));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->table.metadata->format_version, 3);
  EXPECT_EQ(found->table.metadata->properties.at("tarn.capture.position"), "0/1");
  EXPECT_THAT(Run("SELECT INGESTED_ROWS FROM "
                  "SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL.PUBLIC.CONNECTOR_STATS"),
              ElementsAre("1"));
}

TEST_F(ConnectorTest, SchedulesAreKept) {
  AddSource();
  const auto enable = [&](const std::string& schedule) {
    return ErrorOf(
        "CALL SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL.PUBLIC.ENABLE_SCHEDULED_REPLICATION('PSQLDS1', '" +
        schedule + "')");
  };
  EXPECT_THAT(enable("10 MINUTE"), HasSubstr("more frequent than every 15 minutes"));
  EXPECT_THAT(enable("USING CRON */5 * * * * UTC"), HasSubstr("more frequent"));
  EXPECT_THAT(enable("now and then"), StartsWith("001008"));
  EXPECT_EQ(enable("USING CRON 0 2 * * * UTC"), "ok");
  EXPECT_EQ(enable("60 MINUTE"), "ok");
  EXPECT_THAT(Run("SELECT SCHEDULE FROM SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL.PUBLIC.DATA_SOURCES"),
              ElementsAre("60 MINUTE"));
  Run("CALL SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL.PUBLIC.DISABLE_SCHEDULED_REPLICATION('PSQLDS1')");
  EXPECT_THAT(Run("SELECT SCHEDULE FROM SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL.PUBLIC.DATA_SOURCES"),
              ElementsAre("NULL"));
}

TEST_F(ConnectorTest, CapturesOnlyDuringScheduledRuns) {
  constexpr int64_t kMinuteMs = 60'000;
  ManualClock clock(kTestNowMs);
  OpenWithConnector(&clock);
  AddSource();
  Run("CALL SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL.PUBLIC.ENABLE_SCHEDULED_REPLICATION('PSQLDS1', "
      "'60 MINUTE')");
  WriteSettings();
  AddTable("customers");
  const std::string state =
      "SELECT REPLICATION_STATUS, PREVIOUS_SCHEDULED_RUN_STATUS, PREVIOUS_RUN_FINISHED_AT::VARCHAR "
      "FROM SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL.PUBLIC.DATA_SOURCE_REPLICATION_STATE";
  std::this_thread::sleep_for(std::chrono::milliseconds(1500));
  EXPECT_EQ(board_.started(), 0U);
  EXPECT_THAT(Run(state), ElementsAre("WAITING|NULL|NULL"));
  clock.Advance(60 * kMinuteMs);
  const Lines ran = {"WAITING|DONE|2027-01-15 09:00:00.000"};
  EXPECT_EQ(WaitForLines(state, ran), ran);
  EXPECT_EQ(board_.started(), 1U);
  EXPECT_TRUE(board_.WaitForEnd());
  // Two that were missed are one.
  clock.Advance(150 * kMinuteMs);
  const Lines again = {"WAITING|DONE|2027-01-15 11:30:00.000"};
  EXPECT_EQ(WaitForLines(state, again), again);
  EXPECT_EQ(board_.started(), 2U);
  OpenWithConnector();
}

TEST_F(ConnectorTest, ThereIsNoMail) {
  EXPECT_THAT(ErrorOf("CALL SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL.PUBLIC.CONFIGURE_ALERTS('i', "
                      "'d.s.v', '60 MINUTE', ARRAY_CONSTRUCT('a@b.c'))"),
              AllOf(StartsWith("000002 (0A000)"), HasSubstr("no mail")));
  EXPECT_THAT(ErrorOf("CALL SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL.PUBLIC.DISABLE_ALERTS()"),
              StartsWith("000002 (0A000)"));
}

TEST_F(ConnectorTest, PasswordsAreNowhereToBeSeen) {
  WriteSettings();
  AddSource();
  AddTable("customers");
  board_.WaitForTables(1);
  std::string all;
  for (const char* text :
       {"SHOW APPLICATIONS", "DESCRIBE APPLICATION SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL",
        "SELECT PARAMETERS::VARCHAR FROM SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL.PUBLIC.AUDIT_LOG",
        "SELECT PARAMETERS::VARCHAR FROM SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL.PUBLIC.AGENT_AUDIT_LOG",
        "SELECT * FROM SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL.PUBLIC.CONNECTOR_CONFIGURATION"}) {
    for (const std::string& line : Run(text)) all += line;
  }
  EXPECT_THAT(all, Not(HasSubstr("s3cr3t")));
  Close();
  for (const char* file : {"/metastore.db", "/metastore.db-wal"}) {
    std::ifstream stream(directory_.path() + file, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
    EXPECT_THAT(bytes, Not(HasSubstr("s3cr3t"))) << file;
  }
  OpenWithConnector();
}

TEST_F(ConnectorTest, DropTakesAlongWhatTheApplicationOwns) {
  WriteSettings();
  AddSource();
  AddTable("customers");
  auto entry = board_.WaitForTables(1);
  ASSERT_TRUE(entry.destination->Create(CustomersTarget(kCustomers)));
  EXPECT_THAT(ErrorOf("DROP APPLICATION SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL"),
              HasSubstr("owns objects outside of itself"));
  EXPECT_THAT(ErrorOf("DROP DATABASE SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL"), StartsWith("002203"));
  EXPECT_THAT(ErrorOf("CREATE SCHEMA SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL.mine"),
              StartsWith("003001"));
  EXPECT_THAT(Run("DROP APPLICATION SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL CASCADE"),
              ElementsAre("SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL successfully dropped."));
  EXPECT_TRUE(board_.WaitForEnd());
  Run("DROP ROLE POSTGRESQL_ADMINISTRATIVE_AGENT_ROLE");
  Run("DROP ROLE POSTGRESQL_AGENT_ROLE");
  EXPECT_THAT(ErrorOf(kState), StartsWith("002003"));
  EXPECT_THAT(Run("SHOW SCHEMAS LIKE 'raw_cdc' IN DATABASE CONNECTOR_DEST_DB"), IsEmpty());
  {
    const auto snapshot = Must(account_->metastore().Read());
    EXPECT_THAT(Must(DataSourcesOf(*snapshot, std::nullopt)), IsEmpty());
    for (const char* count :
         {"SELECT COUNT(*) FROM captured_table", "SELECT COUNT(*) FROM application_event",
          "SELECT COUNT(*) FROM application",
          "SELECT COUNT(*) FROM object o WHERE o.container_id <> 0 AND NOT "
          "EXISTS (SELECT 1 FROM object c WHERE c.id = o.container_id)"}) {
      EXPECT_EQ(**SelectOne<int64_t>(snapshot->connection(), count), 0) << count;
    }
  }
  // Whoever dropped it has what it owned.
  Run("UNDROP SCHEMA CONNECTOR_DEST_DB.\"raw_cdc\"");
  Run("DROP SCHEMA CONNECTOR_DEST_DB.\"raw_cdc\"");
  EXPECT_EQ(ErrorOf("DROP APPLICATION IF EXISTS SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL"), "ok");
  // Not by itself again, but when it is asked for.
  OpenWithConnector();
  EXPECT_THAT(Run("SHOW APPLICATIONS"), IsEmpty());
  Run("CREATE APPLICATION SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL FROM LISTING 'GZTSZ1.SOME'");
  EXPECT_THAT(Run("SHOW APPLICATIONS ->> SELECT \"source_type\", \"source\" FROM $1"),
              ElementsAre("LISTING|GZTSZ1.SOME"));
  EXPECT_THAT(Run("SHOW ROLES LIKE 'POSTGRESQL%'"), SizeIs(2));
  EXPECT_THAT(Run(kState), IsEmpty());
}

TEST_F(ConnectorTest, IsInstalledOnceWithRolesAndWarehouse) {
  EXPECT_THAT(Run("SHOW WAREHOUSES LIKE 'X_SMALL_WH'"), SizeIs(1));
  EXPECT_THAT(Run("SHOW ROLES LIKE 'POSTGRESQL%'"), SizeIs(2));
  EXPECT_THAT(Run("SHOW ROLES LIKE 'DATA_READER'"), IsEmpty());
  EXPECT_THAT(Run("SHOW PROCEDURES IN SCHEMA SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL.PUBLIC"),
              SizeIs(11));
  EXPECT_THAT(Run("SHOW VIEWS IN DATABASE SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL"), SizeIs(11));
  OpenWithConnector();
  EXPECT_THAT(Run("SHOW APPLICATIONS"), SizeIs(1));
}

}  // namespace
}  // namespace tarn::warehouse
