// SPDX-License-Identifier: Apache-2.0
// What becomes of the files of tables that clients drop.
#include <gmock/gmock.h>

#include <filesystem>

#include "rest/testing/commit_fixture.h"
#include "warehouse/metastore/parameters.h"
#include "warehouse/retention/purge.h"

namespace tarn::rest {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class PurgeTest : public CommitTest {
 protected:
  PurgeTest() {
    MakeSchema();
    own_ = LocationOf(MakeTable("t"));
    AddFile("a.parquet");
  }
  /// A data file of the table, with what names it.
  void AddFile(const std::string& name) {
    Put(own_ + "/data/" + name, "rows");
    const Response committed = CommitFile(own_ + "/data/" + name);
    EXPECT_EQ(committed.status, 200) << committed.body;
  }
  void Purge() {
    const auto purged = warehouse::PurgeDroppedObjects(*account_, []() -> Result<> { return {}; });
    EXPECT_TRUE(purged) << purged.error().message;
  }
  std::vector<std::string> FilesBelow(const std::string& location) {
    std::vector<std::string> files;
    const auto listed = account_->tables().storage->List(
        location + "/", [&](const storage::ObjectInfo& object) -> Result<> {
          files.push_back(object.location);
          return {};
        });
    EXPECT_TRUE(listed);
    return files;
  }
  /// As if a day had passed.
  void EndRetention() {
    const auto done = account_->metastore().Commit(
        [](warehouse::Transaction& transaction) -> warehouse::StatementResult<> {
          STATEMENT_ASSIGN(const auto dropped, transaction.Heads("WHERE o.dropped_ms IS NOT NULL"));
          for (const auto& head : dropped) {
            STATEMENT_TRY(SetParameter(transaction, head.id, warehouse::kRetentionParameter, "0"));
          }
          return {};
        });
    EXPECT_TRUE(done);
  }
};

TEST_F(PurgeTest, PurgeRequestedTakesTheFilesAtOnce) {
  AddFile("b.parquet");
  Must200("POST", "/v1/DB/namespaces/s/tables/t",
          {{"updates", {{{"action", "set-properties"}, {"updates", {{"k", "v"}}}}}}});
  EXPECT_THAT(FilesBelow(own_), SizeIs(2 + 4 + 4));  // data, manifests and lists, metadata
  Must204("DELETE", "/v1/DB/namespaces/s/tables/t?purgeRequested=true");
  Purge();
  EXPECT_THAT(FilesBelow(own_), IsEmpty());
  EXPECT_TRUE(account_->tables().journal->Entries().empty());
  EXPECT_TRUE(account_->tables().journal->Garbage().empty());
  MakeTable("t");
}

TEST_F(PurgeTest, OtherwiseTheyStayAsLongAsTheTableCanComeBack) {
  Must204("DELETE", "/v1/DB/namespaces/s/tables/t");
  Purge();
  EXPECT_THAT(FilesBelow(own_), SizeIs(5));
  EndRetention();
  Purge();
  EXPECT_THAT(FilesBelow(own_), IsEmpty());
}

TEST_F(PurgeTest, ReadersAreWaitedFor) {
  auto moment = Must(account_->metastore().Read());
  std::shared_ptr<const void> query = moment->HoldFiles();
  moment.reset();  // the statement is bound, and reads on
  Must204("DELETE", "/v1/DB/namespaces/s/tables/t?purgeRequested=true");
  Purge();
  EXPECT_THAT(FilesBelow(own_), SizeIs(5));
  query.reset();
  Purge();
  EXPECT_THAT(FilesBelow(own_), IsEmpty());
}

TEST_F(PurgeTest, FilesOfATableThatIsRegisteredAgainStay) {
  const std::string metadata = Must200("GET", "/v1/DB/namespaces/s/tables/t")["metadata-location"];
  Must204("DELETE", "/v1/DB/namespaces/s/tables/t?purgeRequested=true");
  Must200("POST", "/v1/DB/namespaces/s/register",
          {{"name", "again"}, {"metadata-location", metadata}});
  Purge();
  EXPECT_THAT(FilesBelow(own_), SizeIs(5));
  Must200("GET", "/v1/DB/namespaces/s/tables/again");
  Must204("DELETE", "/v1/DB/namespaces/s/tables/again?purgeRequested=true");
  Purge();
  EXPECT_THAT(FilesBelow(own_), IsEmpty());
}

TEST_F(PurgeTest, NobodyTakesAPlaceWhoseFilesAreGoing) {
  const std::string metadata = Must200("GET", "/v1/DB/namespaces/s/tables/t")["metadata-location"];
  auto moment = Must(account_->metastore().Read());
  Must204("DELETE", "/v1/DB/namespaces/s/tables/t?purgeRequested=true");
  Purge();  // the moment keeps the files, the object is gone
  EXPECT_EQ(Send("POST", "/v1/DB/namespaces/s/register",
                 {{"name", "again"}, {"metadata-location", metadata}})
                .status,
            409);
  EXPECT_EQ(Send("POST", "/v1/DB/namespaces/s/tables",
                 {{"name", "u"}, {"schema", TwoColumns()}, {"location", own_}})
                .status,
            409);
  moment.reset();
  Purge();
  Must200("POST", "/v1/DB/namespaces/s/tables",
          {{"name", "u"}, {"schema", TwoColumns()}, {"location", own_}});
}

TEST_F(PurgeTest, AProcessThatEndsBeforeTheFilesGoLeavesThemToTheNext) {
  auto moment = Must(account_->metastore().Read());
  Must204("DELETE", "/v1/DB/namespaces/s/tables/t?purgeRequested=true");
  Purge();
  moment.reset();
  EXPECT_THAT(FilesBelow(own_), SizeIs(5));
  Open({.anonymous_user = "ADMIN"});
  Purge();
  EXPECT_THAT(FilesBelow(own_), IsEmpty());
}

TEST_F(PurgeTest, OnlyFilesBelowTheLocationGo) {
  // The log of older metadata is not looked at when a table is registered.
  const std::string victim = LocationOf(MakeTable("victim"));
  const std::string theirs =
      Must200("GET", "/v1/DB/namespaces/s/tables/victim")["metadata-location"];
  const Json loaded = Must200("GET", "/v1/DB/namespaces/s/tables/t");
  Json metadata = loaded["metadata"];
  Json& log = metadata["metadata-log"];
  const Json entry = {{"timestamp-ms", 1}, {"metadata-file", theirs}};
  log.insert(log.begin(), entry);
  const std::string forged = own_ + "/metadata/99999-forged.metadata.json";
  Put(forged, metadata.dump());
  Must200("POST", "/v1/DB/namespaces/s/register",
          {{"name", "t"}, {"metadata-location", forged}, {"overwrite", true}});
  Must204("DELETE", "/v1/DB/namespaces/s/tables/t?purgeRequested=true");
  EndRetention();
  Purge();
  EXPECT_THAT(FilesBelow(victim), SizeIs(1));
  Must200("GET", "/v1/DB/namespaces/s/tables/victim");
}

}  // namespace
}  // namespace tarn::rest
