// SPDX-License-Identifier: Apache-2.0
#include "warehouse/metastore/stage_directory.h"

#include <gmock/gmock.h>

#include "warehouse/testing/metastore_fixture.h"

namespace tarn::warehouse {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

DirectoryEntry File(const std::string& path, int64_t size) {
  return {.relative_path = path, .size = size, .last_modified_ms = kTestNowMs};
}

class StageDirectoryTest : public MetastoreTest {
 protected:
  StageDirectoryTest() {
    MakeShop();
    stage_ = Create(admin_, "st", Stage{.directory_enabled = true});
  }

  std::vector<std::string> Refresh(const std::vector<DirectoryEntry>& listed,
                                   std::string_view subpath = "") {
    std::vector<std::string> told;
    for (const DirectoryRefresh& row : Must(Change([&](Transaction& transaction) {
           return RefreshDirectory(transaction, stage_, listed, subpath);
         }))) {
      told.push_back(row.file + " " + row.status);
    }
    return told;
  }
  int64_t Version() {
    return Must(Must(metastore_->Read())->Find<Stage>(stage_))->directory_version;
  }
  /// "+a 1", "-a 1", with "u" where it is an update.
  std::vector<std::string> ChangesSince(int64_t version) {
    std::vector<std::string> told;
    for (const DirectoryChange& change :
         Must(DirectoryChanges(*Must(metastore_->Read()), stage_, version))) {
      told.push_back(fmt::format("{}{} {}{}", change.insert ? "+" : "-", change.entry.relative_path,
                                 change.entry.size, change.update ? "u" : ""));
    }
    return told;
  }

  ObjectId stage_;
};

TEST_F(StageDirectoryTest, RefreshSaysWhatChanged) {
  EXPECT_THAT(Refresh({File("b", 1), File("a", 1)}),
              ElementsAre("b REGISTERED_NEW", "a REGISTERED_NEW"));
  EXPECT_THAT(Refresh({File("a", 1), File("b", 2), File("c", 3)}),
              ElementsAre("b REGISTERED_UPDATE", "c REGISTERED_NEW"));
  EXPECT_THAT(Refresh({File("a", 1)}), ElementsAre("b UNREGISTERED", "c UNREGISTERED"));
  EXPECT_THAT(Must(DirectoryOf(*Must(metastore_->Read()), stage_)), ElementsAre(File("a", 1)));
}

TEST_F(StageDirectoryTest, ARefreshWithoutChangesIsNoVersion) {
  Refresh({File("a", 1)});
  const int64_t version = Version();
  clock_.Advance(60'000);
  EXPECT_THAT(Refresh({File("a", 1)}), IsEmpty());
  EXPECT_EQ(Version(), version);
  EXPECT_EQ(Must(Must(metastore_->Read())->Find<Stage>(stage_))->directory_refreshed_ms,
            clock_.NowMs());
}

TEST_F(StageDirectoryTest, ASubpathLeavesTheRestAlone) {
  Refresh({File("x/a", 1), File("y/b", 1)});
  EXPECT_THAT(Refresh({File("x/c", 1)}, "x/"),
              ElementsAre("x/c REGISTERED_NEW", "x/a UNREGISTERED"));
  EXPECT_THAT(Must(DirectoryOf(*Must(metastore_->Read()), stage_)),
              ElementsAre(File("x/c", 1), File("y/b", 1)));
}

TEST_F(StageDirectoryTest, ChangesAreNet) {
  Refresh({File("a", 1), File("b", 1), File("c", 1)});
  const int64_t offset = Version();
  Refresh({File("a", 2), File("b", 1), File("d", 1)});
  Refresh({File("a", 3), File("b", 1), File("e", 1)});
  EXPECT_THAT(ChangesSince(offset), ElementsAre("-a 1u", "+a 3u", "-c 1", "+e 1"));
  // c comes back as it was: nothing happened to it.
  Refresh({File("a", 3), File("b", 1), File("c", 1), File("e", 1)});
  EXPECT_THAT(ChangesSince(offset), ElementsAre("-a 1u", "+a 3u", "+e 1"));
  EXPECT_THAT(ChangesSince(Version()), IsEmpty());
  EXPECT_THAT(ChangesSince(0), ElementsAre("+a 3", "+b 1", "+c 1", "+e 1"));
}

TEST_F(StageDirectoryTest, PruningKeepsWhatStreamsNeed) {
  Refresh({File("a", 1)});
  const int64_t offset = Version();
  Create(admin_, "str",
         Stream{.source_kind = StreamSource::kStage,
                .source = stage_,
                .offsets = {{.object = stage_, .directory_version = offset}}});
  Refresh({File("a", 2)});
  Refresh({});
  Must(Change([&](Transaction& transaction) { return PruneDirectory(transaction, stage_); }));
  EXPECT_THAT(ChangesSince(offset), ElementsAre("-a 1"));
}

}  // namespace
}  // namespace tarn::warehouse
