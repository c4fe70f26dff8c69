// SPDX-License-Identifier: Apache-2.0
#include "table/maintenance/file_selection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

namespace tarn::table {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr int64_t kMiB = int64_t{1} << 20;

/// Sizes of the files of each group.
std::vector<std::vector<int64_t>> Sizes(const std::vector<int64_t>& sizes,
                                        const RewriteDataFilesOptions& options) {
  const RewriteTargets targets = TargetsOf({}, options).value();
  std::vector<RewriteCandidate> wanted;
  for (size_t i = 0; i < sizes.size(); ++i) {
    const RewriteCandidate candidate{.file = i, .bytes = sizes[i]};
    if (IsWanted(candidate, targets, options)) wanted.push_back(candidate);
  }
  std::vector<std::vector<int64_t>> groups;
  for (const auto& group : GroupsOf(wanted, targets, options)) {
    groups.emplace_back();
    for (const RewriteCandidate& file : group) groups.back().push_back(file.bytes);
  }
  return groups;
}

// Java: the default target is 512 MiB; files from 384 to 921.6 MiB stay.
TEST(FileSelection, FilesOfTheTargetSizeStay) {
  const RewriteDataFilesOptions options{.min_input_files = 2};
  EXPECT_THAT(Sizes({384 * kMiB, 500 * kMiB, 921 * kMiB}, options), IsEmpty());
  EXPECT_THAT(Sizes({383 * kMiB, 1, 922 * kMiB}, options),
              ElementsAre(ElementsAre(383 * kMiB, 1), ElementsAre(922 * kMiB)));
}

TEST(FileSelection, GroupsAreWorthIt) {
  RewriteDataFilesOptions options{.target_file_size_bytes = 100};
  EXPECT_THAT(Sizes({10, 10, 10, 10}, options), IsEmpty());
  EXPECT_THAT(Sizes({10, 10, 10, 10, 10}, options), ElementsAre(testing::SizeIs(5)));
  EXPECT_THAT(Sizes({60, 60}, options), ElementsAre(ElementsAre(60, 60)));
  EXPECT_THAT(Sizes({50, 50}, options), IsEmpty());
  EXPECT_THAT(Sizes({170}, options), IsEmpty());
  EXPECT_THAT(Sizes({181}, options), ElementsAre(ElementsAre(181)));
  options.max_group_bytes = 200;
  EXPECT_THAT(Sizes({70, 70, 60, 70, 70}, options),
              ElementsAre(ElementsAre(70, 70, 60), ElementsAre(70, 70)));
  options.max_group_files = 2;
  EXPECT_THAT(Sizes({70, 70, 60, 70, 70}, options),
              ElementsAre(ElementsAre(70, 70), ElementsAre(60, 70)));
}

TEST(FileSelection, OutputsAreRoundedAsJavaDoes) {
  const RewriteTargets targets = TargetsOf({}, {.target_file_size_bytes = 100}).value();
  const std::map<int64_t, int64_t> expected = {{0, 1},   {99, 1},  {100, 1}, {109, 1}, {111, 2},
                                               {200, 2}, {219, 2}, {222, 3}, {399, 4}, {1000, 10}};
  for (const auto& [bytes, files] : expected) {
    EXPECT_EQ(ExpectedFiles(bytes, targets), files) << bytes;
  }
}

TEST(FileSelection, LargeFilesAreNotRewrittenForSmallOnes) {
  std::vector<int64_t> sizes(20, 1000);
  sizes.push_back(100 * kMiB);
  const RewriteDataFilesOptions options{.min_growth = 4};
  EXPECT_THAT(Sizes(sizes, options), ElementsAre(testing::SizeIs(20)));
  // Worth it when there is as much beside it.
  sizes.insert(sizes.end(), 3, 100 * kMiB);
  EXPECT_THAT(Sizes(sizes, options), ElementsAre(testing::SizeIs(24)));
  // A group that reaches the target makes final files of all.
  EXPECT_THAT(Sizes({380 * kMiB, 150 * kMiB}, options),
              ElementsAre(ElementsAre(380 * kMiB, 150 * kMiB)));
  EXPECT_THAT(Sizes({300 * kMiB, 10 * kMiB, 10 * kMiB, 10 * kMiB, 10 * kMiB, 10 * kMiB}, options),
              ElementsAre(testing::SizeIs(5)));
}

// Appends of random sizes, and a plan after each of them: how often a byte is written again, and
// how many files are left, stays within what the header promises.
TEST(FileSelection, GrowthBoundsWhatIsWrittenAgain) {
  const RewriteDataFilesOptions options{.target_file_size_bytes = 1'000'000, .min_growth = 4};
  const RewriteTargets targets = TargetsOf({}, options).value();
  struct File {
    int64_t bytes = 0;
    int times = 0;
  };
  std::minstd_rand random(20261129);
  std::vector<File> files;
  int most_times = 0;
  size_t most_small = 0;
  for (int append = 0; append < 20'000; ++append) {
    files.push_back({.bytes = 100 + static_cast<int64_t>(random() % 900)});
    std::vector<RewriteCandidate> wanted;
    for (size_t i = 0; i < files.size(); ++i) {
      const RewriteCandidate candidate{.file = i, .bytes = files[i].bytes};
      if (IsWanted(candidate, targets, options)) wanted.push_back(candidate);
    }
    most_small = std::max(most_small, wanted.size());
    for (const auto& group : GroupsOf(wanted, targets, options)) {
      File merged;
      for (const RewriteCandidate& candidate : group) {
        merged.bytes += std::exchange(files[candidate.file].bytes, 0);
        merged.times = std::max(merged.times, files[candidate.file].times + 1);
      }
      most_times = std::max(most_times, merged.times);
      files.push_back(merged);
    }
    std::erase_if(files, [](const File& file) { return file.bytes == 0; });
  }
  // log(1,000,000 / 100) / log(4) = 6.6; log(1,000,000 / 100) / log(4 / 3) = 32.0.
  EXPECT_LE(most_times, 7);
  EXPECT_GE(most_times, 3);
  EXPECT_LE(most_small, 33U + 4U);
}

}  // namespace
}  // namespace tarn::table
