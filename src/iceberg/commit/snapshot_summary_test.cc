// SPDX-License-Identifier: Apache-2.0
#include "iceberg/commit/snapshot_summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace tarn::iceberg {
namespace {

using testing::Contains;
using testing::Key;
using testing::Not;
using testing::Pair;

constexpr int64_t kMost = std::numeric_limits<int64_t>::max();

using Summary = std::map<std::string, std::string>;

DataFile File(int64_t rows, int64_t bytes) {
  DataFile file;
  file.record_count = rows;
  file.file_size_bytes = bytes;
  return file;
}

TEST(SnapshotSummary, SumsThatDoNotFitAreLeftOut) {
  SnapshotCounters counters((Schema()));
  counters.Add({}, File(kMost - 1, 100));
  counters.Add({}, File(2, 50));
  Summary summary;
  counters.Put(summary, 0);
  EXPECT_THAT(summary, Contains(Pair("added-data-files", "2")));
  EXPECT_THAT(summary, Contains(Pair("added-files-size", "150")));
  EXPECT_THAT(summary, Not(Contains(Key("added-records"))));
}

TEST(SnapshotSummary, TotalsThatDoNotFitAreLeftOut) {
  const SnapshotCounters counters((Schema()));
  ManifestFile manifest{.added_files_count = 1, .added_rows_count = kMost - 1};
  const std::vector<ManifestFile> manifests = {manifest, manifest};
  Snapshot parent;
  parent.summary["total-files-size"] = "7";
  Summary summary;
  PutTotals(summary, &parent, manifests, counters);
  EXPECT_THAT(summary, Contains(Pair("total-data-files", "2")));
  EXPECT_THAT(summary, Contains(Pair("total-files-size", "7")));
  EXPECT_THAT(summary, Not(Contains(Key("total-records"))));
}

}  // namespace
}  // namespace tarn::iceberg
