// SPDX-License-Identifier: Apache-2.0
#include "storage/publication.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <mutex>
#include <thread>

#include "storage/faulty_storage.h"
#include "storage/testing/scratch_directory.h"

namespace tarn::storage {
namespace {

using Locations = std::vector<std::string>;

class PublicationTest : public testing::TestWithParam<bool> {
 protected:
  PublicationTest() : workers_(4), publication_(GetParam() ? &workers_ : nullptr) {}

  std::unique_ptr<Storage> Open() {
    auto storage = OpenLocalStorage({.buckets_directory = scratch_.path()});
    EXPECT_TRUE(storage);
    return std::move(*storage);
  }
  std::unique_ptr<Storage> OpenFaulty(std::string_view plan) {
    return MakeFaultyStorage(Open(), *ParseFaultPlan(plan));
  }
  Locations Stored() {
    Locations found;
    EXPECT_TRUE(Open()->List("s3://b/", [&](const ObjectInfo& object) -> Result<> {
      found.push_back(object.location);
      return {};
    }));
    std::ranges::sort(found);
    return found;
  }

  ScratchDirectory scratch_;
  WorkerPool workers_;
  Publication publication_;
};

TEST_P(PublicationTest, ObjectsAppearTogetherAndInOrder) {
  std::mutex mutex;
  Locations closed;
  const auto storage =
      MakeFaultyStorage(Open(), [&](int64_t, Operation operation, std::string_view location) {
        const std::lock_guard lock(mutex);
        if (operation == Operation::kClose) closed.emplace_back(location);
        return Fault{};
      });
  auto writer = storage->Create("s3://b/z", PutMode::kIfAbsent);
  ASSERT_TRUE(writer);
  ASSERT_TRUE((*writer)->Append({reinterpret_cast<const uint8_t*>("text"), 4}));
  publication_.Add("s3://b/z", std::move(*writer));
  for (int i = 9; i >= 0; --i) {
    publication_.Add(storage.get(), fmt::format("s3://b/{}/{}", i % 3, i), std::to_string(i));
  }
  EXPECT_EQ(Stored(), Locations());
  ASSERT_TRUE(publication_.Finish());
  EXPECT_EQ(closed, publication_.appeared());
  EXPECT_EQ(closed.front(), "s3://b/z");
  EXPECT_EQ(closed.back(), "s3://b/0/0");
  EXPECT_EQ(Stored().size(), 11U);
  EXPECT_EQ(Open()->Read("s3://b/z").value(), "text");
  EXPECT_EQ(Open()->Read("s3://b/1/7").value(), "7");
}

TEST_P(PublicationTest, AFailureBeforeAllAreDurableLeavesNone) {
  for (const char* plan : {"create:*/1@0=before", "append:*/1@0=full", "stage:*/1@0=after"}) {
    Publication publication(GetParam() ? &workers_ : nullptr);
    const auto storage = OpenFaulty(plan);
    for (int i = 0; i < 3; ++i) publication.Add(storage.get(), fmt::format("s3://b/{}", i), "x");
    EXPECT_FALSE(publication.Finish()) << plan;
    EXPECT_EQ(publication.appeared(), Locations()) << plan;
    EXPECT_EQ(Stored(), Locations()) << plan;
  }
}

TEST_P(PublicationTest, AFailureOnTheWayNamesWhatIsThere) {
  ASSERT_TRUE(Open()->Put("s3://b/2", "taken", PutMode::kIfAbsent));
  const auto storage = Open();
  for (int i = 0; i < 4; ++i) publication_.Add(storage.get(), fmt::format("s3://b/{}", i), "x");
  EXPECT_EQ(publication_.Finish().error().kind, ErrorKind::kAlreadyExists);
  EXPECT_EQ(publication_.appeared(), (Locations{"s3://b/0", "s3://b/1"}));
  EXPECT_EQ(Stored(), (Locations{"s3://b/0", "s3://b/1", "s3://b/2"}));
  EXPECT_EQ(Open()->Read("s3://b/2").value(), "taken");
}

TEST_P(PublicationTest, WhatIsInDoubtIsNamedToo) {
  const auto storage = OpenFaulty("close:*/1@0=after");
  for (int i = 0; i < 3; ++i) publication_.Add(storage.get(), fmt::format("s3://b/{}", i), "x");
  EXPECT_EQ(publication_.Finish().error().kind, ErrorKind::kCommitStateUnknown);
  EXPECT_EQ(publication_.appeared(), (Locations{"s3://b/0", "s3://b/1"}));
}

TEST_P(PublicationTest, LargeGroupsGoInPortionsAndNeverWithoutLeave) {
  constexpr int kObjects = 100;
  const auto storage = Open();
  int asked = 0;
  Publication publication(GetParam() ? &workers_ : nullptr, [&]() -> Result<> {
    EXPECT_EQ(Stored().size(), publication.appeared().size());
    ++asked;
    return {};
  });
  for (int i = 0; i < kObjects; ++i) {
    publication.Add(storage.get(), fmt::format("s3://b/{:03}", i), std::to_string(i));
  }
  EXPECT_LT(Stored().size(), static_cast<size_t>(kObjects));
  ASSERT_TRUE(publication.Finish());
  EXPECT_GT(asked, 1);
  EXPECT_EQ(Stored(), publication.appeared());
  EXPECT_EQ(Stored().size(), static_cast<size_t>(kObjects));
  EXPECT_EQ(Open()->Read("s3://b/042").value(), "42");

  Publication refused(GetParam() ? &workers_ : nullptr,
                      [] { return Result<>(Fail(ErrorKind::kConflict, "no")); });
  for (int i = 0; i < kObjects; ++i) {
    refused.Add(storage.get(), fmt::format("s3://b/again/{}", i), "x");
  }
  EXPECT_EQ(refused.Finish().error().kind, ErrorKind::kConflict);
  EXPECT_EQ(refused.appeared(), Locations());
  EXPECT_EQ(Stored().size(), static_cast<size_t>(kObjects));
}

TEST_P(PublicationTest, WhatIsAbandonedNeverAppears) {
  const auto storage = Open();
  {
    Publication publication(GetParam() ? &workers_ : nullptr);
    for (int i = 0; i < 8; ++i) publication.Add(storage.get(), fmt::format("s3://b/{}", i), "x");
  }
  EXPECT_EQ(Stored(), Locations());
}

INSTANTIATE_TEST_SUITE_P(Workers, PublicationTest, testing::Bool());

/// Many publish into the same directories, while others empty and remove them.
TEST(PublicationRaceTest, DirectoriesComeAndGo) {
  ScratchDirectory scratch;
  const auto storage = OpenLocalStorage({.buckets_directory = scratch.path()});
  ASSERT_TRUE(storage);
  WorkerPool workers(4);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (int round = 0; round < 30; ++round) {
        Publication publication(&workers);
        for (int i = 0; i < 3; ++i) {
          publication.Add(storage->get(), fmt::format("s3://b/{}/{}-{}", i, thread, round), "x");
        }
        const auto finished = publication.Finish();
        EXPECT_TRUE(finished) << finished.error().message;
        for (const std::string& location : publication.appeared()) {
          EXPECT_EQ((*storage)->Read(location).value_or(""), "x");
          EXPECT_TRUE((*storage)->Delete(location));
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace tarn::storage
