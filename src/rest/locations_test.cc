// SPDX-License-Identifier: Apache-2.0
#include "rest/locations.h"

#include <gmock/gmock.h>

#include "rest/testing/commit_fixture.h"

namespace tarn::rest {
namespace {

using testing::HasSubstr;

class LocationsTest : public CommitTest {
 protected:
  LocationsTest() {
    MakeSchema();
    other_ = LocationOf(MakeTable("other"));
    own_ = LocationOf(MakeTable("t"));
  }
  std::string other_;
};

TEST_F(LocationsTest, FilesOfOtherPlacesAreRefused) {
  for (const std::string& file :
       {other_ + "/data/a.parquet", account_->stages_location() + "/17000/a.parquet",
        std::string("s3://bucket/a.parquet"), std::string("s3a://bucket/a.parquet"),
        std::string("file:///etc/a.parquet"), std::string("file:/etc/a.parquet"),
        own_ + "2/a.parquet", own_ + "/../x/a.parquet", own_ + "/data/./a.parquet",
        own_ + "/data//a.parquet", std::string("/path/../to.parquet")}) {
    const Response refused = CommitFile(file);
    EXPECT_EQ(refused.status, 403) << file << " " << refused.body;
    EXPECT_THAT(refused.body, HasSubstr(file));
    EXPECT_EQ(CommitFile(file, iceberg::FileContent::kPositionDeletes).status, 403) << file;
  }
}

TEST_F(LocationsTest, OwnFilesAndThoseThatNobodyOpensAreTaken) {
  for (const std::string& file : {own_ + "/data/a%2e%2e.parquet", own_ + "/b.parquet",
                                  // As the specification's compatibility kit commits them.
                                  std::string("/path/to/data-a.parquet")}) {
    const Response taken = CommitFile(file);
    EXPECT_EQ(taken.status, 200) << file << " " << taken.body;
  }
}

TEST_F(LocationsTest, StatisticsLieInTheTablesPlaces) {
  EXPECT_EQ(CommitFile(own_ + "/data/a.parquet").status, 200);
  const auto statistics = [&](const std::string& path) -> Json {
    return {{"action", "set-statistics"},
            {"snapshot-id", commits_},
            {"statistics",
             {{"snapshot-id", commits_},
              {"statistics-path", path},
              {"file-size-in-bytes", 1},
              {"file-footer-size-in-bytes", 1},
              {"blob-metadata", Json::array()}}}};
  };
  const auto of_partitions = [&](const std::string& path) -> Json {
    return {{"action", "set-partition-statistics"},
            {"partition-statistics",
             {{"snapshot-id", commits_}, {"statistics-path", path}, {"file-size-in-bytes", 1}}}};
  };
  EXPECT_EQ(Commit(statistics(other_ + "/metadata/s.puffin")).status, 403);
  EXPECT_EQ(Commit(of_partitions(account_->stages_location() + "/1/s.parquet")).status, 403);
  const Response taken = Commit(statistics(own_ + "/metadata/s.puffin"));
  EXPECT_EQ(taken.status, 200) << taken.body;
  const Response too = Commit(of_partitions(own_ + "/metadata/s.parquet"));
  EXPECT_EQ(too.status, 200) << too.body;
}

TEST_F(LocationsTest, NoTwoSpellingsOfOnePlace) {
  const auto create = [&](const std::string& location) {
    return Send("POST", "/v1/DB/namespaces/s/tables",
                {{"name", "u"}, {"schema", TwoColumns()}, {"location", location}})
        .status;
  };
  const std::string tables = account_->tables_location();
  EXPECT_EQ(create(tables + "//u"), 400);
  EXPECT_EQ(create("file:///" + tables.substr(7) + "/u"), 400);
  EXPECT_EQ(create(tables + "/u\n"), 400);
  // It would hold all tables that come later.
  EXPECT_EQ(create(tables), 403);
  EXPECT_EQ(create(tables + "/"), 403);
  EXPECT_EQ(create(tables + "2/u"), 403);
  EXPECT_EQ(create(tables + "/u"), 200);
}

}  // namespace
}  // namespace tarn::rest
