// SPDX-License-Identifier: Apache-2.0
// SHOW … KEYS and what INFORMATION_SCHEMA tells of keys; columns are those of Snowflake's pages and
// of what its drivers read.
#include "warehouse/show/show_keys.h"

#include <gmock/gmock.h>

#include "warehouse/testing/managed_table_fixture.h"

namespace tarn::warehouse {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ShowKeysTest : public ManagedTableTest {
 protected:
  ShowKeysTest() {
    Run("CREATE SCHEMA d.old");
    Run("USE SCHEMA d.public");
    Run("CREATE TABLE customer (id INT, region VARCHAR(2), name VARCHAR, "
        "CONSTRAINT customer_key PRIMARY KEY (region, id), UNIQUE (name))");
    Run("CREATE TABLE orders (id INT PRIMARY KEY, r VARCHAR(2), c INT, CONSTRAINT of_customer "
        "FOREIGN KEY (r, c) REFERENCES customer (region, id))");
    Run("CREATE TABLE d.old.archive (r VARCHAR(2), c INT, "
        "FOREIGN KEY (r, c) REFERENCES d.public.customer (region, id))");
  }
  /// Columns of a SHOW by their names.
  Lines Show(const std::string& what, const std::string& columns) {
    Run("SHOW " + what);
    return Run("SELECT " + columns + " FROM TABLE(RESULT_SCAN(LAST_QUERY_ID())) ORDER BY 1, 2");
  }
};

TEST_F(ShowKeysTest, ListsPrimaryAndUniqueKeys) {
  const std::string columns =
      R"("table_name", "key_sequence", "column_name", "constraint_name", "schema_name")";
  EXPECT_THAT(Show("PRIMARY KEYS", columns),
              ElementsAre("CUSTOMER|1|REGION|CUSTOMER_KEY|PUBLIC",
                          "CUSTOMER|2|ID|CUSTOMER_KEY|PUBLIC", HasSubstr("ORDERS|1|ID|SYS_")));
  for (const char* scope : {"IN TABLE customer", "IN customer", "IN d.public.customer"}) {
    EXPECT_THAT(
        Show(std::string("TERSE PRIMARY KEYS ") + scope, columns),
        ElementsAre("CUSTOMER|1|REGION|CUSTOMER_KEY|PUBLIC", "CUSTOMER|2|ID|CUSTOMER_KEY|PUBLIC"));
  }
  EXPECT_THAT(Show("UNIQUE KEYS IN DATABASE d", R"("table_name", "column_name")"),
              ElementsAre("CUSTOMER|NAME"));
  EXPECT_THAT(Show("PRIMARY KEYS IN SCHEMA d.old", columns), IsEmpty());
  EXPECT_THAT(Show("PRIMARY KEYS IN ACCOUNT", columns), testing::SizeIs(3));
}

TEST_F(ShowKeysTest, ListsForeignKeysFromBothEnds) {
  const std::string columns =
      R"("fk_table_name", "key_sequence", "fk_column_name", "pk_table_name", "pk_column_name", )"
      R"("pk_name", "pk_schema_name", "fk_schema_name", "update_rule", "deferrability")";
  EXPECT_THAT(
      Show("IMPORTED KEYS IN TABLE orders", columns),
      ElementsAre("ORDERS|1|R|CUSTOMER|REGION|CUSTOMER_KEY|PUBLIC|PUBLIC|NO ACTION|NOT DEFERRABLE",
                  "ORDERS|2|C|CUSTOMER|ID|CUSTOMER_KEY|PUBLIC|PUBLIC|NO ACTION|NOT DEFERRABLE"));
  EXPECT_THAT(Show("IMPORTED KEYS IN SCHEMA d.old", R"("fk_table_name", "fk_column_name")"),
              ElementsAre("ARCHIVE|C", "ARCHIVE|R"));
  EXPECT_THAT(Show("EXPORTED KEYS IN TABLE customer", R"("fk_table_name", "fk_column_name")"),
              ElementsAre("ARCHIVE|C", "ARCHIVE|R", "ORDERS|C", "ORDERS|R"));
  EXPECT_THAT(Show("EXPORTED KEYS IN TABLE orders", R"("fk_table_name", "fk_column_name")"),
              IsEmpty());
  Run("DROP TABLE d.old.archive");
  EXPECT_THAT(Show("EXPORTED KEYS IN customer", R"("fk_table_name", "fk_name")"),
              ElementsAre("ORDERS|OF_CUSTOMER", "ORDERS|OF_CUSTOMER"));
}

TEST_F(ShowKeysTest, ShowsWhatTheRoleSees) {
  Run("CREATE ROLE reader");
  Run("GRANT ROLE reader TO USER admin");
  Run("GRANT USAGE ON DATABASE d TO ROLE reader");
  Run("GRANT USAGE ON SCHEMA d.public TO ROLE reader");
  Run("GRANT SELECT ON TABLE d.public.orders TO ROLE reader");
  Run("USE SECONDARY ROLES NONE");
  Run("USE ROLE reader");
  EXPECT_THAT(Run("SHOW PRIMARY KEYS IN DATABASE d"), testing::SizeIs(1));
  EXPECT_THAT(Run("SHOW IMPORTED KEYS IN TABLE d.public.orders"), IsEmpty());
  EXPECT_THAT(ErrorOf("SHOW PRIMARY KEYS IN TABLE d.public.customer"),
              HasSubstr("does not exist or not authorized"));
  EXPECT_THAT(ErrorOf("SHOW INDEXES IN TABLE d.public.customer"),
              HasSubstr("does not exist or not authorized"));
  Run("USE ROLE accountadmin");
}

TEST_F(ShowKeysTest, RefusesWhatItDoesNotTake) {
  EXPECT_EQ(ErrorOf("SHOW PRIMARY KEYS LIKE 'x%'"),
            "000002 (0A000): Unsupported feature 'SHOW PRIMARY KEYS with clauses other than IN'.");
  EXPECT_THAT(ErrorOf("SHOW UNIQUE KEYS IN TABLE nothing"),
              HasSubstr("does not exist or not authorized"));
}

TEST_F(ShowKeysTest, ThereAreNoIndexes) {
  EXPECT_THAT(Run("SHOW INDEXES IN TABLE orders"), IsEmpty());
  EXPECT_THAT(Run("SHOW INDEXES IN SCHEMA d.public LIMIT 10"), IsEmpty());
}

TEST_F(ShowKeysTest, InformationSchemaTellsKeys) {
  EXPECT_THAT(Run("SELECT table_schema, table_name, constraint_type, enforced FROM "
                  "information_schema.table_constraints ORDER BY 1, 2, 3"),
              ElementsAre("OLD|ARCHIVE|FOREIGN KEY|NO", "PUBLIC|CUSTOMER|PRIMARY KEY|NO",
                          "PUBLIC|CUSTOMER|UNIQUE|NO", "PUBLIC|ORDERS|FOREIGN KEY|NO",
                          "PUBLIC|ORDERS|PRIMARY KEY|NO"));
  EXPECT_THAT(Run("SELECT r.constraint_name, unique_constraint_name, unique_constraint_schema, "
                  "match_option FROM information_schema.referential_constraints r JOIN "
                  "information_schema.table_constraints t ON r.constraint_name = "
                  "t.constraint_name WHERE t.table_name = 'ORDERS'"),
              ElementsAre("OF_CUSTOMER|CUSTOMER_KEY|PUBLIC|FULL"));
}

TEST_F(ShowKeysTest, InformationSchemaTellsPrivilegesAndRoles) {
  Run("CREATE ROLE reader");
  Run("GRANT SELECT ON TABLE orders TO ROLE reader WITH GRANT OPTION");
  EXPECT_THAT(Run("SELECT grantor, grantee, granted_to, privilege_type, is_grantable FROM "
                  "information_schema.table_privileges WHERE table_name = 'ORDERS' ORDER BY 2"),
              ElementsAre("ACCOUNTADMIN|ACCOUNTADMIN|ROLE|OWNERSHIP|YES",
                          "ACCOUNTADMIN|READER|ROLE|SELECT|YES"));
  EXPECT_THAT(Run("SELECT role_name FROM information_schema.enabled_roles WHERE role_name IN "
                  "('PUBLIC', 'ACCOUNTADMIN', 'READER') ORDER BY 1"),
              ElementsAre("ACCOUNTADMIN", "PUBLIC"));
  Run("GRANT ROLE reader TO USER admin");
  EXPECT_THAT(Run("SELECT grantee FROM information_schema.applicable_roles WHERE role_name = "
                  "'READER'"),
              ElementsAre("ADMIN"));
}

TEST_F(ShowKeysTest, InformationSchemaTellsOtherObjects) {
  Run("CREATE SEQUENCE numbers START = 5 INCREMENT = 2 COMMENT = 'odd'");
  Run("CREATE STAGE files");
  Run("CREATE FILE FORMAT pipes TYPE = CSV FIELD_DELIMITER = '|' SKIP_HEADER = 1");
  Run("CREATE PROCEDURE twice(n INT, s VARCHAR) RETURNS NUMBER(10, 2) LANGUAGE SQL AS "
      "'BEGIN RETURN n * 2; END'");
  EXPECT_THAT(Run("SELECT sequence_name, data_type, numeric_precision, next_value, \"INCREMENT\", "
                  "comment FROM information_schema.sequences"),
              ElementsAre("NUMBERS|NUMBER|38|5|2|odd"));
  EXPECT_THAT(Run("SELECT stage_name, stage_type, stage_url FROM information_schema.stages"),
              ElementsAre("FILES|Internal Named|NULL"));
  EXPECT_THAT(Run("SELECT file_format_name, file_format_type, field_delimiter, skip_header FROM "
                  "information_schema.file_formats"),
              ElementsAre("PIPES|CSV|||1"));
  EXPECT_THAT(Run("SELECT procedure_name, argument_signature, data_type, numeric_scale, "
                  "procedure_definition FROM information_schema.procedures"),
              ElementsAre("TWICE|(N NUMBER, S VARCHAR)|NUMBER(10,2)|2|BEGIN RETURN n * 2; END"));
  EXPECT_THAT(Run("SELECT catalog_name FROM information_schema.information_schema_catalog_name"),
              ElementsAre("D"));
  const auto count = [this](const std::string& view) {
    return Must(session_->Prepare("SELECT * FROM information_schema." + view, {}, {}))
        ->columns()
        .size();
  };
  EXPECT_EQ(count("functions"), 38);
  EXPECT_THAT(Run("SELECT * FROM information_schema.functions"), IsEmpty());
  EXPECT_EQ(count("procedures"), 23);
  EXPECT_EQ(count("sequences"), 18);
  EXPECT_EQ(count("file_formats"), 22);
  EXPECT_EQ(count("table_constraints"), 14);
  EXPECT_EQ(count("referential_constraints"), 12);
}

TEST_F(ShowKeysTest, ResultsAreDescribed) {
  Run("SELECT 1::NUMBER(10, 2) AS amount, 'x'::VARCHAR(3) AS \"s\"");
  EXPECT_THAT(
      Run("DESCRIBE RESULT LAST_QUERY_ID()"),
      ElementsAre(HasSubstr("AMOUNT|NUMBER(10,2)|COLUMN|"), HasSubstr("s|VARCHAR(3)|COLUMN|")));
  EXPECT_THAT(ErrorOf("DESCRIBE RESULT '01234567-0000-0000-0000-000000000000'"),
              HasSubstr("not found"));
}

}  // namespace
}  // namespace tarn::warehouse
