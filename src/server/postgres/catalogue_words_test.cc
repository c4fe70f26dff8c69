// SPDX-License-Identifier: Apache-2.0
#include "server/postgres/catalogue_words.h"

#include <gtest/gtest.h>

namespace tarn::server::postgres {
namespace {

TEST(CatalogueWords, KnowsWhatToolsAsk) {
  for (const char* query : {
           "SELECT n.nspname FROM pg_catalog.pg_class c",
           "select 1 from PG_CATALOG . pg_class",
           R"(SELECT * FROM "pg_catalog"."pg_type")",
           "SELECT t.oid FROM pg_type t JOIN pg_namespace ns ON true",
           "(select oid from pg_class)",
           "WITH x AS (SELECT 1) SELECT pg_backend_pid()",
           "TABLE pg_class",
           "SELECT 'a'::regclass::oid",
           "SELECT CAST('pg_class' AS REGCLASS)",
           "SELECT regtype 'int4'",
           "SELECT current_setting('jit')",
           "SELECT has_table_privilege('t', 'select')",
           "SELECT a FROM t, pg_class",
           "SELECT * FROM information_schema.key_column_usage",
           "SELECT udt_name FROM information_schema.columns",
           R"(SELECT * FROM "information_schema"."tables")",
           "SELECT a.x FROM information_schema.tables a, information_schema.routines",
       }) {
    EXPECT_TRUE(AsksCatalogues(query)) << query;
  }
}

TEST(CatalogueWords, LeavesEverythingElseToTheSession) {
  for (const char* query : {
           "",
           "SELECT 1",
           "SELECT 'pg_catalog.pg_class'",
           "SELECT '1'::number -- pg_catalog.pg_class",
           "SELECT /* pg_class */ 1 FROM t",
           "SELECT $$ from pg_class $$",
           "SELECT pg_total FROM t",
           "SELECT t.pg_class FROM t",
           "SELECT pg_class FROM t",
           "SELECT regclass FROM t",
           "SELECT x.pg_size(1)",
           "CALL pg_refresh(1)",
           "INSERT INTO t SELECT * FROM pg_catalog.pg_class",
           "CREATE TABLE pg_class (a int)",
           "SELECT * FROM information_schema.tables",
           "SELECT * FROM db.INFORMATION_SCHEMA.COLUMNS",
           R"(SELECT * FROM "INFORMATION_SCHEMA"."TABLES")",
           R"(SELECT "PG_CATALOG".x)",
       }) {
    EXPECT_FALSE(AsksCatalogues(query)) << query;
  }
}

}  // namespace
}  // namespace tarn::server::postgres
