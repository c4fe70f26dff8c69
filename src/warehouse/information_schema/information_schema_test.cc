// SPDX-License-Identifier: Apache-2.0
#include "warehouse/information_schema/information_schema.h"

#include "warehouse/testing/session_fixture.h"

namespace tarn::warehouse {
namespace {

class InformationSchemaTest : public SessionTest {
 protected:
  InformationSchemaTest() {
    Run("CREATE DATABASE shop COMMENT = 'sells'");
    Run("CREATE SCHEMA shop.old");
    Run("CREATE VIEW shop.public.v (a COMMENT 'first', b, c, d) COMMENT = 'seen' AS SELECT "
        "1::NUMBER(12, 2), 'x'::VARCHAR(40), TRUE, '2026-01-02'::TIMESTAMP_NTZ(6)");
    Run("CREATE SECURE VIEW shop.old.\"w\" AS SELECT 1 AS a");
    Run("USE DATABASE shop");
  }
};

// Columns and values: Snowflake's documentation, "Information Schema", a page for each view.

TEST_F(InformationSchemaTest, ListsRelations) {
  EXPECT_EQ(Run("SELECT table_catalog, table_schema, table_name, table_owner, table_type, "
                "is_transient, comment, is_dynamic FROM information_schema.tables "
                "WHERE table_schema <> 'INFORMATION_SCHEMA' ORDER BY 2, 3"),
            (Lines{"SHOP|OLD|w|ACCOUNTADMIN|VIEW|NULL|NULL|NO",
                   "SHOP|PUBLIC|V|ACCOUNTADMIN|VIEW|NULL|seen|NO"}));
  EXPECT_EQ(Run("SELECT table_name FROM shop.information_schema.tables WHERE table_schema = "
                "'INFORMATION_SCHEMA' ORDER BY 1"),
            (Lines{"APPLICABLE_ROLES", "COLUMNS", "DATABASES", "ENABLED_ROLES", "FILE_FORMATS",
                   "FUNCTIONS", "INFORMATION_SCHEMA_CATALOG_NAME", "PROCEDURES",
                   "REFERENTIAL_CONSTRAINTS", "SCHEMATA", "SEQUENCES", "STAGES", "TABLES",
                   "TABLE_CONSTRAINTS", "TABLE_PRIVILEGES", "VIEWS"}));
  EXPECT_EQ(Run("SELECT table_name, is_secure, view_definition LIKE 'CREATE %' FROM "
                "INFORMATION_SCHEMA.VIEWS WHERE table_schema <> 'INFORMATION_SCHEMA' ORDER BY 1"),
            (Lines{"V|NO|true", "w|YES|true"}));
}

TEST_F(InformationSchemaTest, ListsColumns) {
  EXPECT_EQ(Run("SELECT column_name, ordinal_position, is_nullable, data_type, "
                "character_maximum_length, character_octet_length, numeric_precision, "
                "numeric_precision_radix, numeric_scale, is_identity, comment, kind FROM "
                "information_schema.columns WHERE table_name = 'V' ORDER BY ordinal_position"),
            (Lines{"A|1|NO|NUMBER|NULL|NULL|12|10|2|NO|first|COLUMN",
                   "B|2|NO|TEXT|40|160|NULL|NULL|NULL|NO|NULL|COLUMN",
                   "C|3|NO|BOOLEAN|NULL|NULL|NULL|NULL|NULL|NO|NULL|COLUMN",
                   "D|4|NO|TIMESTAMP_NTZ|NULL|NULL|NULL|NULL|NULL|NO|NULL|COLUMN"}));
}

TEST_F(InformationSchemaTest, ListsSchemasAndDatabases) {
  EXPECT_EQ(Run("SELECT catalog_name, schema_name, is_managed_access, retention_time FROM "
                "information_schema.schemata ORDER BY 2"),
            (Lines{"SHOP|INFORMATION_SCHEMA|NO|1", "SHOP|OLD|NO|1", "SHOP|PUBLIC|NO|1"}));
  EXPECT_EQ(Run("SELECT database_name, database_owner, is_transient, comment, type, "
                "owner_role_type FROM information_schema.databases"),
            Lines{"SHOP|ACCOUNTADMIN|NO|sells|STANDARD|ROLE"});
  EXPECT_EQ(Run("SELECT created <= CURRENT_TIMESTAMP() AND created > '2020-01-01'::TIMESTAMP_LTZ "
                "FROM information_schema.databases"),
            Lines{"true"});
}

TEST_F(InformationSchemaTest, HasSnowflakesColumns) {
  const auto count = [this](const std::string& view) {
    return Must(session_->Prepare("SELECT * FROM information_schema." + view, {}, {}))
        ->columns()
        .size();
  };
  EXPECT_EQ(count("tables"), 29);
  EXPECT_EQ(count("views"), 14);
  EXPECT_EQ(count("columns"), 47);
  EXPECT_EQ(count("schemata"), 13);
  EXPECT_EQ(count("databases"), 9);
  for (const char* view : {"tables", "views", "columns", "schemata", "databases"}) {
    EXPECT_FALSE(Run(std::string("SELECT * FROM information_schema.") + view).empty()) << view;
  }
}

TEST_F(InformationSchemaTest, ShowsWhatTheRoleSees) {
  Run("CREATE ROLE reader");
  Run("GRANT ROLE reader TO USER admin");
  Run("GRANT USAGE ON DATABASE shop TO ROLE reader");
  Run("GRANT USAGE ON SCHEMA shop.public TO ROLE reader");
  Run("USE SECONDARY ROLES NONE");
  const std::string asked =
      "SELECT table_name FROM shop.information_schema.tables WHERE table_schema <> "
      "'INFORMATION_SCHEMA' ORDER BY 1";
  Run("USE ROLE reader");
  EXPECT_EQ(Run(asked), Lines{});
  Run("USE ROLE accountadmin");
  Run("GRANT SELECT ON VIEW shop.public.v TO ROLE reader");
  EXPECT_EQ(Run(asked), (Lines{"V", "w"}));
  Run("USE ROLE reader");
  EXPECT_EQ(Run(asked), Lines{"V"});
  EXPECT_EQ(Run("SELECT schema_name FROM shop.information_schema.schemata ORDER BY 1"),
            (Lines{"INFORMATION_SCHEMA", "PUBLIC"}));
  Run("USE ROLE public");
  EXPECT_EQ(ErrorOf(asked),
            "002003 (02000): SQL compilation error:\n"
            "Database 'SHOP' does not exist or not authorized.");
}

TEST_F(InformationSchemaTest, RefusesWhatIsNotThere) {
  EXPECT_EQ(ErrorOf("SELECT * FROM information_schema.packages"),
            "000002 (0A000): Unsupported feature 'INFORMATION_SCHEMA.PACKAGES'.");
  EXPECT_EQ(ErrorOf("SELECT * FROM information_schema.nosuch"),
            "002003 (42S02): SQL compilation error:\n"
            "Object 'INFORMATION_SCHEMA.NOSUCH' does not exist or not authorized.");
}

}  // namespace
}  // namespace tarn::warehouse
