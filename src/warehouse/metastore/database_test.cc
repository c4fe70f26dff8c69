// SPDX-License-Identifier: Apache-2.0
#include "warehouse/metastore/database.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <set>

#include "storage/testing/scratch_directory.h"
#include "warehouse/metastore/schema.h"
#include "warehouse/metastore/stored_value.h"
#include "warehouse/objects/definition.h"

namespace tarn::warehouse {
namespace {

class DatabaseTest : public testing::Test {
 protected:
  DatabaseTest() {
    auto opened = Connection::Open(path(), Access::kWrite);
    EXPECT_TRUE(opened) << opened.error().message;
    connection_ = *std::move(opened);
  }
  std::string path() const { return directory_.path() + "/x.db"; }
  void MakeTable() {
    ASSERT_TRUE(connection_->Script("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT, c BLOB)"));
  }

  storage::ScratchDirectory directory_;
  std::unique_ptr<Connection> connection_;
};

TEST_F(DatabaseTest, FileIsItsOwnersOnly) {
  struct stat info{};
  ASSERT_EQ(stat(path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600);
}

TEST_F(DatabaseTest, IsDurableAndInWalMode) {
  EXPECT_EQ(**SelectOne<std::string>(*connection_, "PRAGMA journal_mode"), "wal");
  EXPECT_EQ(**SelectOne<int64_t>(*connection_, "PRAGMA synchronous"), 2);
  EXPECT_EQ(**SelectOne<int64_t>(*connection_, "PRAGMA foreign_keys"), 1);
}

TEST_F(DatabaseTest, ValuesComeBackAsTheyWere) {
  MakeTable();
  const std::string zeros("a\0'b", 4);
  ASSERT_TRUE(Execute(*connection_, "INSERT INTO t VALUES (?, ?, ?)", INT64_MIN, zeros,
                      Bytes{std::string("\0\xff", 2)}));
  ASSERT_TRUE(Execute(*connection_, "INSERT INTO t VALUES (?, ?, ?)", int64_t{2}, "",
                      std::optional<std::string>()));
  auto rows = *Select(*connection_, "SELECT a, b, c FROM t ORDER BY a");
  ASSERT_TRUE(*rows.Next());
  EXPECT_EQ(rows.Int(0), INT64_MIN);
  EXPECT_EQ(rows.Text(1), zeros);
  EXPECT_EQ(rows.Text(2), std::string("\0\xff", 2));
  ASSERT_TRUE(*rows.Next());
  EXPECT_FALSE(rows.IsNull(1));
  EXPECT_EQ(rows.Text(1), "");
  EXPECT_TRUE(rows.IsNull(2));
  EXPECT_FALSE(*rows.Next());
}

TEST_F(DatabaseTest, OneStatementRunsInsideItself) {
  MakeTable();
  for (int64_t i = 0; i < 3; ++i)
    ASSERT_TRUE(Execute(*connection_, "INSERT INTO t (a) VALUES (?)", i));
  int pairs = 0;
  auto outer = *Select(*connection_, "SELECT a FROM t");
  while (*outer.Next()) {
    auto inner = *Select(*connection_, "SELECT a FROM t");
    while (*inner.Next()) ++pairs;
  }
  EXPECT_EQ(pairs, 9);
}

TEST_F(DatabaseTest, ErrorsSayWhatTheCallerCanDo) {
  MakeTable();
  ASSERT_TRUE(Execute(*connection_, "INSERT INTO t (a) VALUES (1)"));
  EXPECT_EQ(Execute(*connection_, "INSERT INTO t (a) VALUES (1)").error().kind,
            ErrorKind::kAlreadyExists);
  EXPECT_EQ(Execute(*connection_, "INSERT INTO nothing VALUES (1)").error().kind,
            ErrorKind::kInternal);
  auto reader = Connection::Open(path(), Access::kRead);
  ASSERT_TRUE(reader);
  EXPECT_EQ(Execute(**reader, "INSERT INTO t (a) VALUES (2)").error().kind,
            ErrorKind::kUnavailable);
  EXPECT_EQ(Connection::Open(directory_.path() + "/none.db", Access::kRead).error().kind,
            ErrorKind::kUnavailable);
}

/// Every member of every noun has its column, in any order, and no column is left over.
template <typename Noun>
void ExpectColumns(Connection& connection) {
  std::set<std::string> stored;
  auto rows = *Select(connection, "SELECT name FROM pragma_table_info(?) WHERE name <> 'id'",
                      FactsOf(Noun::kKind).stored);
  while (*rows.Next()) stored.insert(std::string(rows.Text(0)));
  std::set<std::string> members;
  ForEachField<Noun>([&](const auto& field) { members.insert(std::string(field.name)); });
  EXPECT_EQ(stored, members) << FactsOf(Noun::kKind).stored;
}

TEST_F(DatabaseTest, TablesOfKindsHaveTheNounsMembers) {
  ASSERT_TRUE(Migrate(*connection_));
  [&]<typename... Noun>(const std::variant<Noun...>*) {
    (ExpectColumns<Noun>(*connection_), ...);
  }(static_cast<const Definition*>(nullptr));
}

class MigrationTest : public DatabaseTest, public testing::WithParamInterface<int64_t> {};

/// A file as a program of an earlier version left it, with an object in it.
TEST_P(MigrationTest, EveryEarlierVersionIsBroughtUp) {
  for (int64_t step = 0; step < GetParam(); ++step) {
    ASSERT_TRUE(connection_->Script(std::string(MigrationSteps()[static_cast<size_t>(step)])));
  }
  ASSERT_TRUE(connection_->Script(
      fmt::format("PRAGMA application_id = 1415672397; PRAGMA user_version = {}", GetParam())));
  ASSERT_TRUE(connection_->Script(
      "INSERT INTO object (id, kind, family, container_id, name, signature, owner_id, created_ms, "
      "altered_ms, comment, dropped_ms) VALUES (16384, 'role', 'role', 0, 'R', '', 0, 1, 1, "
      "'kept', NULL);"
      "INSERT INTO role VALUES (16384, 0)"));
  ASSERT_TRUE(Migrate(*connection_));
  EXPECT_EQ(**SelectOne<int64_t>(*connection_, "PRAGMA user_version"), MetastoreFileVersion());
  EXPECT_EQ(**SelectOne<std::string>(*connection_, "SELECT comment FROM object"), "kept");
  // The same tables and indexes as in a file that was never older.
  auto fresh = *Connection::Open(directory_.path() + "/fresh.db", Access::kWrite);
  ASSERT_TRUE(Migrate(*fresh));
  const char* schema =
      "SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_schema "
      "ORDER BY name)";
  EXPECT_EQ(**SelectOne<std::string>(*connection_, schema),
            **SelectOne<std::string>(*fresh, schema));
}

INSTANTIATE_TEST_SUITE_P(Versions, MigrationTest,
                         testing::Range(int64_t{1}, MetastoreFileVersion() + 1));

TEST_F(DatabaseTest, ANewerFileIsRefusedUntouched) {
  ASSERT_TRUE(Migrate(*connection_));
  ASSERT_TRUE(
      connection_->Script(fmt::format("PRAGMA user_version = {}", MetastoreFileVersion() + 1)));
  EXPECT_EQ(Migrate(*connection_).error().kind, ErrorKind::kUnsupported);
  EXPECT_EQ(**SelectOne<int64_t>(*connection_, "PRAGMA user_version"), MetastoreFileVersion() + 1);
}

TEST_F(DatabaseTest, AnotherProgramsFileIsRefused) {
  MakeTable();
  EXPECT_EQ(Migrate(*connection_).error().kind, ErrorKind::kCorruption);
}

}  // namespace
}  // namespace tarn::warehouse
