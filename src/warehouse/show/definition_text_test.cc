// SPDX-License-Identifier: Apache-2.0
// GET_DDL, after Snowflake's page of that name: what it gives makes the same object again.
#include "warehouse/show/definition_text.h"

#include <gmock/gmock.h>

#include "warehouse/testing/managed_table_fixture.h"

namespace tarn::warehouse {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class DefinitionTextTest : public ManagedTableTest {
 protected:
  std::string TextOfDdl(const std::string& arguments) {
    const Lines lines = Run("SELECT GET_DDL(" + arguments + ")");
    return lines.empty() ? "" : lines[0];
  }
};

TEST_F(DefinitionTextTest, TablesAreMadeAgain) {
  Run("CREATE TABLE books_table (id NUMBER(38,0), title VARCHAR(255), author VARCHAR(255))");
  EXPECT_EQ(TextOfDdl("'TABLE', 'books_table'"),
            "create or replace TABLE BOOKS_TABLE (\n\tID NUMBER(38,0),\n\tTITLE VARCHAR(255),\n\t"
            "AUTHOR VARCHAR(255)\n)\n;");
  EXPECT_THAT(TextOfDdl("'table', 'd.public.books_table', TRUE"),
              StartsWith("create or replace TABLE D.PUBLIC.BOOKS_TABLE ("));
  Run("CREATE TABLE customer (id INT, name VARCHAR, CONSTRAINT customer_key PRIMARY KEY (id))");
  Run("CREATE TRANSIENT TABLE \"my orders\" (id INT AUTOINCREMENT START 5 INCREMENT 2 ORDER, "
      "c INT NOT NULL, d DATE DEFAULT '2024-01-01'::DATE COMMENT 'it''s \\\\ a day', "
      "FOREIGN KEY (c) REFERENCES customer (id), UNIQUE (id, d)) COMMENT = 'all'");
  const Lines described = Run("DESC TABLE \"my orders\"");
  const std::string text = TextOfDdl("'TABLE', '\"my orders\"'");
  EXPECT_THAT(text, HasSubstr("foreign key (C) references D.PUBLIC.CUSTOMER(ID)"));
  Run(text);
  EXPECT_EQ(Run("DESC TABLE \"my orders\""), described);
  EXPECT_EQ(TextOfDdl("'TABLE', '\"my orders\"'"), text);
}

TEST_F(DefinitionTextTest, ViewsAndDynamicTablesAreMadeAgain) {
  Run("CREATE TABLE books_table (title VARCHAR, author VARCHAR)");
  Run("CREATE SECURE VIEW books_view (t COMMENT 'its title', a) COMMENT = 'seen' AS "
      "select title, author from books_table");
  const std::string view = TextOfDdl("'VIEW', 'books_view'");
  EXPECT_EQ(view,
            "create or replace secure view BOOKS_VIEW(\n\tT COMMENT 'its title',\n\tA\n) "
            "COMMENT='seen' as select title, author from books_table;");
  Run(view);
  EXPECT_EQ(TextOfDdl("'TABLE', 'books_view'"), view);
  Run("CREATE WAREHOUSE w");
  Run("CREATE DYNAMIC TABLE counted TARGET_LAG = '1 minute' WAREHOUSE = w AS "
      "SELECT author, COUNT(*) AS n FROM books_table GROUP BY author");
  const std::string dynamic = TextOfDdl("'DYNAMIC_TABLE', 'counted'");
  EXPECT_THAT(dynamic, HasSubstr("dynamic table COUNTED(\n\tAUTHOR,\n\tN\n) target_lag = "
                                 "'60 seconds' refresh_mode = INCREMENTAL initialize = ON_CREATE "
                                 "warehouse = W as SELECT author, COUNT(*)"));
  Run(dynamic);
  EXPECT_EQ(TextOfDdl("'DYNAMIC_TABLE', 'counted'"), dynamic);
}

TEST_F(DefinitionTextTest, RefusesWhatItCannotTell) {
  EXPECT_EQ(ErrorOf("SELECT GET_DDL('SCHEMA', 'public')"),
            "000002 (0A000): Unsupported feature 'GET_DDL of SCHEMA'.");
  EXPECT_THAT(ErrorOf("SELECT GET_DDL('TABLE', 'nothing')"),
              HasSubstr("does not exist or not authorized"));
}

}  // namespace
}  // namespace tarn::warehouse
