// SPDX-License-Identifier: Apache-2.0
#include "table/maintenance/maintenance.h"

#include <gmock/gmock.h>

#include <set>

#include "base/clock.h"
#include "table/journal.h"
#include "table/ownership.h"
#include "table/pins.h"
#include "table/testing/engine_table.h"

namespace tarn::table {
namespace {

using iceberg::DataFile;
using testing::Contains;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::UnorderedElementsAre;

constexpr int64_t kForever = int64_t{1} << 60;

class MaintenanceTest : public EngineTableTest {
 protected:
  MaintenanceTest() {
    journal_ = Journal::Open(scratch_.path() + "/state/journal").value();
    lease_ = ProcessLease::Take(leases(), NowMs()).value();
    context_.journal = journal_.get();
    fates_ = std::make_unique<ProcessFates>(leases(), LookInTable(context_, *catalog_, kName));
    target_ = {.context = &context_,
               .publisher = catalog_.get(),
               .table = kName,
               .lease = lease_.get(),
               .fates = fates_.get()};
  }

  std::string leases() const { return scratch_.path() + "/state/leases"; }

  std::set<std::string> Stored() {
    std::set<std::string> files;
    EXPECT_TRUE(storage_->List(std::string(kLake) + "/t/", [&](const auto& object) -> Result<> {
      files.insert(object.location);
      return {};
    }));
    return files;
  }
  std::set<std::string> Reachable() {
    std::set<std::string> files;
    EXPECT_TRUE(iceberg::VisitReachableFiles(MakeCommitContext(context_, Uuid()), Load(),
                                             [&](const std::string& file) { files.insert(file); }));
    return files;
  }
  void ExpectNothingLeftOver() {
    const auto reachable = Reachable();
    for (const std::string& file : Stored()) EXPECT_TRUE(reachable.contains(file)) << file;
  }

  /// The newest snapshot.
  void Pin(const std::string& name) {
    const iceberg::LoadedTable table = Load();
    const auto pinned = PutPin(*storage_, table.metadata->location,
                               {.name = name,
                                .snapshot_id = *table.metadata->current_snapshot_id,
                                .metadata_location = table.metadata_location},
                               [&]() -> Result<std::string> { return Load().metadata_location; });
    EXPECT_TRUE(pinned) << pinned.error().message;
  }

  /// Data files lie where those of the table do.
  std::string NewLocation() const override {
    return std::string(kLake) + "/t/data/" + Uuid::Random().ToString() + ".parquet";
  }

  template <typename T>
  T Must(Result<T> result) {
    EXPECT_TRUE(result) << result.error().message << " " << result.error().detail;
    return result.value_or(T{});
  }

  std::unique_ptr<Journal> journal_;
  std::unique_ptr<ProcessLease> lease_;
  std::unique_ptr<ProcessFates> fates_;
  MaintenanceTarget target_;
};

TEST_F(MaintenanceTest, RewritesCommitGroupByGroup) {
  Create(3);
  for (int64_t i = 0; i < 12; ++i) Append(Numbers(i * 10, 10));
  const auto before = RowsWithLineage();
  std::vector<Progress> told;
  const MaintenanceRun run{.on_progress = [&](const Progress& p) { told.push_back(p); }};
  const auto result = Must(RewriteDataFiles(target_, {.max_group_files = 6}, run));
  EXPECT_EQ(result.rewritten_files, 12);
  EXPECT_EQ(result.added_files, 2);
  EXPECT_EQ(result.conflicts, 0);
  EXPECT_TRUE(engine::SameRows(RowsWithLineage(), before));
  ASSERT_FALSE(told.empty());
  EXPECT_EQ(told.back().done, told.back().total);
  EXPECT_EQ(told.back().total, result.rewritten_bytes);
  // The pin is gone, and so is everything that nobody needs.
  Must(CollectLeftovers(target_, 0, {}));
  EXPECT_THAT(journal_->Entries(), IsEmpty());
  ExpectNothingLeftOver();
}

TEST_F(MaintenanceTest, TheLimitOfInputEndsARun) {
  Create(2);
  for (int64_t i = 0; i < 12; ++i) Append(Numbers(i * 10, 10));
  const auto result =
      Must(RewriteDataFiles(target_, {.max_group_files = 6}, MaintenanceRun{.max_bytes = 1}));
  EXPECT_EQ(result.rewritten_files, 6);
}

TEST_F(MaintenanceTest, GroupsThatLoseAreCountedAndLeaveNothing) {
  Create(3);
  std::vector<DataFile> files;
  for (int64_t i = 0; i < 12; ++i) files.push_back(Append(Numbers(i * 10, 10)));
  // The first group that is being written loses a row.
  bool deleted = false;
  const MaintenanceRun run{.on_progress = [&](const Progress&) {
    if (!std::exchange(deleted, true)) Delete(files[2], {5});
  }};
  const auto result = Must(RewriteDataFiles(target_, {.max_group_files = 6}, run));
  EXPECT_EQ(result.conflicts, 1);
  EXPECT_EQ(result.rewritten_files, 6);
  auto expected = Numbers(0, 120);
  expected.erase(expected.begin() + 25);
  EXPECT_TRUE(engine::SameRows(SortedRows(), expected));
  Must(CollectLeftovers(target_, 0, {}));
  ExpectNothingLeftOver();
}

TEST_F(MaintenanceTest, CancelledRunsLeaveNothing) {
  Create(2);
  for (int64_t i = 0; i < 12; ++i) Append(Numbers(i * 10, 10));
  std::atomic<bool> cancelled = false;
  // In the second of two groups, which are about as large.
  const MaintenanceRun run{
      .on_progress = [&](const Progress& p) { cancelled = p.done > p.total / 10 * 6; },
      .cancelled = &cancelled};
  const auto result = RewriteDataFiles(target_, {.max_group_files = 6}, run);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::kCancelled);
  EXPECT_THAT(PlanNow().files, SizeIs(7));
  EXPECT_TRUE(engine::SameRows(SortedRows(), Numbers(0, 120)));
  Must(CollectLeftovers(target_, 0, {}));
  ExpectNothingLeftOver();
}

TEST_F(MaintenanceTest, ManifestsAreMerged) {
  Create(3);
  for (int64_t i = 0; i < 9; ++i) Append(Numbers(i, 1));
  const auto before = RowsWithLineage();
  const auto result = Must(RewriteManifests(target_, {}));
  EXPECT_EQ(result.rewritten_files, 9);
  EXPECT_EQ(result.added_files, 1);
  EXPECT_TRUE(engine::SameRows(RowsWithLineage(), before));
  EXPECT_EQ(Load().metadata->current_snapshot()->operation, iceberg::SnapshotOperation::kReplace);
  const iceberg::LoadedTable merged = Load();
  EXPECT_EQ(Must(RewriteManifests(target_, {})).rewritten_files, 0);
  EXPECT_EQ(Load().metadata_location, merged.metadata_location);
}

TEST_F(MaintenanceTest, ExpiredSnapshotsGoWithTheirFiles) {
  Create(2);
  for (int64_t i = 0; i < 6; ++i) Append(Numbers(i * 10, 10));
  Must(RewriteDataFiles(target_, {}, {}));
  EXPECT_EQ(Load().metadata->snapshots.size(), 7U);
  const size_t stored = Stored().size();
  const auto result = Must(ExpireSnapshots(target_, {.older_than_ms = kForever}, {}));
  EXPECT_EQ(result.expired_snapshots, 6);
  // Six data files, manifests and lists.
  EXPECT_GE(result.removed_files, 18);
  EXPECT_EQ(Load().metadata->snapshots.size(), 1U);
  EXPECT_EQ(Stored().size(), stored + 1 - static_cast<size_t>(result.removed_files));
  EXPECT_TRUE(engine::SameRows(TableRows(), Numbers(0, 60)));
  ExpectSound();
  // Again: there is nothing to do, and nothing is committed.
  const iceberg::LoadedTable left = Load();
  EXPECT_EQ(Must(ExpireSnapshots(target_, {.older_than_ms = kForever}, {})).expired_snapshots, 0);
  EXPECT_EQ(Load().metadata_location, left.metadata_location);
}

TEST_F(MaintenanceTest, ReadersThatPinKeepTheirSnapshot) {
  Create(2);
  for (int64_t i = 0; i < 5; ++i) Append(Numbers(i * 10, 10));
  PinnedSnapshots pins(storage_.get());
  context_.pins = &pins;
  const iceberg::LoadedTable pinned = Load();
  const auto plan = PlanNow();
  Pin("reader");
  Must(RewriteDataFiles(target_, {}, {}));
  Must(ExpireSnapshots(target_, {.older_than_ms = kForever}, {}));
  EXPECT_EQ(Load().metadata->snapshots.size(), 2U);
  EXPECT_TRUE(
      engine::SameRows(Scan({.plan = plan, .columns = ColumnsOf(fields_)}), Numbers(0, 50)));
  ASSERT_TRUE(RemovePin(*storage_, pinned.metadata->location, "reader"));
  context_.pins = nullptr;
  EXPECT_EQ(Must(ExpireSnapshots(target_, {.older_than_ms = kForever}, {})).expired_snapshots, 1);
  for (const iceberg::ScanFile& file : plan.files) {
    EXPECT_THAT(Stored(), Not(Contains(file.file().file_path)));
  }
}

TEST_F(MaintenanceTest, FilesWaitForTheirSafeAge) {
  Create(2);
  for (int64_t i = 0; i < 5; ++i) Append(Numbers(i * 10, 10));
  Must(RewriteDataFiles(target_, {}, {}));
  const auto waiting =
      Must(ExpireSnapshots(target_, {.older_than_ms = kForever, .safe_age_ms = 1'000'000}, {}));
  EXPECT_EQ(waiting.expired_snapshots, 5);
  EXPECT_EQ(waiting.removed_files, 0);
  EXPECT_GE(Must(CollectLeftovers(target_, 0, {})), 15);
}

TEST_F(MaintenanceTest, NothingExpiresWhereGarbageMustStay) {
  Create(2, {}, {{"gc.enabled", "false"}});
  Append(Numbers(0, 1));
  for (const ErrorKind kind :
       {ExpireSnapshots(target_, {}, {}).error().kind,
        RemoveOrphanFiles(target_, {.older_than_ms = kForever}, {}).error().kind}) {
    EXPECT_EQ(kind, ErrorKind::kInvalidArgument);
  }
}

TEST_F(MaintenanceTest, WritersOfDeadProcessesAreSettled) {
  Create(2);
  for (int64_t i = 0; i < 5; ++i) Append(Numbers(i * 10, 10));
  Writer dead, living;
  {
    const auto lease = ProcessLease::Take(leases(), NowMs() + 1000).value();
    dead = lease->NewWriter();
  }
  living = lease_->NewWriter();
  const std::string location = Load().metadata->location;
  for (const Writer& writer : {dead, living}) {
    ASSERT_TRUE(journal_->AddLocation(writer, location, false));
    ASSERT_TRUE(storage_->Put(location + "/data/" + writer.id.ToString() + "-00000.parquet",
                              std::string_view("rows"), storage::PutMode::kIfAbsent));
  }
  const std::string pins = "maintain-" + journal_->node().ToString() + "-";
  Pin(pins + dead.id.ToString());
  Pin(pins + lease_->id().ToString());
  Pin("maintain-" + Uuid::Random().ToString() + "-" + Uuid::Random().ToString());
  Must(CollectLeftovers(target_, 0, {}));
  EXPECT_THAT(Must(ReadPins(*storage_, location, NowMs())), SizeIs(2));
  EXPECT_THAT(Stored(), Not(Contains(testing::HasSubstr(dead.id.ToString()))));
  EXPECT_THAT(Stored(), Contains(testing::HasSubstr(living.id.ToString())));
}

class OrphanTest : public MaintenanceTest {
 protected:
  void Put(const std::string& name) {
    ASSERT_TRUE(storage_->Put(std::string(kLake) + "/t/" + name, std::string_view("x"),
                              storage::PutMode::kIfAbsent));
  }
  static std::string Location(const std::string& name) { return std::string(kLake) + "/t/" + name; }
  void ExpectRefused(const OrphanOptions& options = {.older_than_ms = kForever}) {
    const auto removed = RemoveOrphanFiles(target_, options, {});
    ASSERT_FALSE(removed);
    EXPECT_EQ(removed.error().kind, ErrorKind::kPermissionDenied) << removed.error().message;
  }
};

TEST_F(OrphanTest, OnlyWhatNothingReachesGoes) {
  Create(2);
  for (int64_t i = 0; i < 5; ++i) Append(Numbers(i * 10, 10));
  Must(RewriteDataFiles(target_, {}, {}));
  const auto kept = Stored();
  const Writer running = lease_->NewWriter();
  ASSERT_TRUE(journal_->AddLocation(running, Load().metadata->location, false));
  const std::string of_running = "data/" + running.id.ToString() + "-00000.parquet";
  for (const std::string& name :
       {std::string("data/orphan.parquet"), std::string("data/n=_/orphan.parquet"),
        std::string("data/_n=1/orphan.parquet"), std::string("metadata/orphan-m0.avro"),
        std::string("data/_temporary/file"), std::string("metadata/version-hint.text"),
        of_running}) {
    Put(name);
  }
  const auto expected = UnorderedElementsAre(
      Location("data/orphan.parquet"), Location("data/n=_/orphan.parquet"),
      Location("data/_n=1/orphan.parquet"), Location("metadata/orphan-m0.avro"));
  EXPECT_THAT(Must(RemoveOrphanFiles(target_, {.older_than_ms = 1'000'000}, {})), IsEmpty());
  EXPECT_THAT(Must(RemoveOrphanFiles(target_, {.older_than_ms = kForever, .dry_run = true}, {})),
              expected);
  EXPECT_THAT(Stored(), SizeIs(kept.size() + 7));
  EXPECT_THAT(Must(RemoveOrphanFiles(target_, {.older_than_ms = kForever}, {})), expected);
  auto left = Stored();
  for (const std::string& file : kept) EXPECT_EQ(left.erase(file), 1U) << file;
  EXPECT_THAT(left,
              UnorderedElementsAre(Location("data/_temporary/file"),
                                   Location("metadata/version-hint.text"), Location(of_running)));
}

TEST_F(OrphanTest, PinnedSnapshotsKeepTheirFiles) {
  Create(2);
  for (int64_t i = 0; i < 5; ++i) Append(Numbers(i * 10, 10));
  const auto plan = PlanNow();
  Pin("reader");
  Must(RewriteDataFiles(target_, {}, {}));
  // Other snapshots of the pinned state are gone with their lists.
  Must(ExpireSnapshots(target_, {.older_than_ms = kForever}, {}));
  Must(RemoveOrphanFiles(target_, {.older_than_ms = kForever}, {}));
  EXPECT_TRUE(
      engine::SameRows(Scan({.plan = plan, .columns = ColumnsOf(fields_)}), Numbers(0, 50)));
}

TEST_F(OrphanTest, LocationsOfOthersAreRefused) {
  Create(2);
  Append(Numbers(0, 1));
  const std::string location = Load().metadata->location;
  ExpectRefused({.older_than_ms = kForever, .other_locations = {location}});
  ExpectRefused({.older_than_ms = kForever, .other_locations = {location + "/inner/"}});
  ExpectRefused({.older_than_ms = kForever, .other_locations = {kLake}});
  EXPECT_TRUE(RemoveOrphanFiles(
      target_, {.older_than_ms = kForever, .other_locations = {location + "2"}}, {}));
  Put("inner/metadata/00000-0.metadata.json");
  ExpectRefused();
  ASSERT_TRUE(storage_->Delete(Location("inner/metadata/00000-0.metadata.json")));
  const std::string above = std::string(kLake) + "/metadata/00000-0.metadata.json";
  ASSERT_TRUE(storage_->Put(above, std::string_view("{}"), storage::PutMode::kIfAbsent));
  ExpectRefused();
  ASSERT_TRUE(storage_->Delete(above));
  EXPECT_TRUE(RemoveOrphanFiles(target_, {.older_than_ms = kForever}, {}));
  const Owner owner{.table_uuid = Load().metadata->table_uuid,
                    .node = Uuid::Random(),
                    .holder = "database 5",
                    .writer = Uuid::Random()};
  ASSERT_TRUE(
      ClaimLocation(*storage_, location, owner, [](const std::string&) { return Result<>(); }));
  ExpectRefused();
  ASSERT_TRUE(storage_->Delete(OwnerFileLocation(location)));
}

TEST_F(OrphanTest, AnotherTablesMetadataInTheLocationIsRefused) {
  Create(2);
  Append(Numbers(0, 1));
  Create(2);  // in the same place
  ExpectRefused();
}

}  // namespace
}  // namespace tarn::table
