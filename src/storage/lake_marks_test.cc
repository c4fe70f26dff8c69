// SPDX-License-Identifier: Apache-2.0
#include "storage/lake_marks.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "storage/storage.h"
#include "storage/testing/scratch_directory.h"

namespace tarn::storage {
namespace {

namespace fs = std::filesystem;

class LakeMarksTest : public testing::Test {
 protected:
  std::unique_ptr<Storage> Open() const {
    auto storage = OpenLocalStorage({.buckets_directory = lake_,
                                     .allowed_prefixes = {"file://" + scratch_.path() + "/more/"},
                                     .lake_register = scratch_.path() + "/lakes"});
    EXPECT_TRUE(storage) << storage.error().message;
    return storage ? std::move(*storage) : nullptr;
  }

  static std::set<std::string> List(Storage& storage, const std::string& prefix) {
    std::set<std::string> found;
    const auto listed = storage.List(prefix, [&](const ObjectInfo& object) -> Result<> {
      found.insert(object.location);
      return {};
    });
    EXPECT_TRUE(listed);
    return found;
  }

  void ExpectNotThere(Storage& storage) const {
    const auto visit = [](const ObjectInfo& /*object*/) -> Result<> { return {}; };
    for (const Result<>& result :
         {storage.Put("s3://b/new", "x", PutMode::kIfAbsent), storage.Delete("s3://b/key"),
          storage.List("s3://b/", visit), storage.RemoveUnfinished("s3://b/")}) {
      ASSERT_FALSE(result);
      EXPECT_EQ(result.error().kind, ErrorKind::kUnavailable);
      EXPECT_TRUE(result.error().message.contains(lake_)) << result.error().message;
      EXPECT_TRUE(result.error().hint.contains("Mount")) << result.error().hint;
    }
    const auto head = storage.Head("s3://b/key");
    ASSERT_FALSE(head);
    EXPECT_EQ(head.error().kind, ErrorKind::kUnavailable) << "absent is not the same";
  }

  void Unmount() const { fs::rename(lake_, scratch_.path() + "/elsewhere"); }
  void Mount() const {
    fs::remove(lake_);
    fs::rename(scratch_.path() + "/elsewhere", lake_);
  }

  ScratchDirectory scratch_;
  const std::string lake_ = scratch_.path() + "/lake";
};

TEST_F(LakeMarksTest, AnEmptyMountPointIsNoEmptyLake) {
  {
    const auto storage = Open();
    ASSERT_TRUE(storage->Put("s3://b/key", "value", PutMode::kIfAbsent));
    Unmount();
    fs::create_directories(lake_);
    ExpectNotThere(*storage);
  }
  const auto storage = Open();
  ExpectNotThere(*storage);
  EXPECT_TRUE(fs::is_empty(lake_)) << "nothing is put below a mount point";
  Mount();
  EXPECT_EQ(storage->Read("s3://b/key").value(), "value") << "without a restart";
}

TEST_F(LakeMarksTest, AMissingDirectoryIsNotMadeAgain) {
  ASSERT_TRUE(Open()->Put("s3://b/key", "value", PutMode::kIfAbsent));
  Unmount();
  const auto storage = Open();
  ExpectNotThere(*storage);
  EXPECT_FALSE(fs::exists(lake_));
}

TEST_F(LakeMarksTest, AnotherLakeInItsPlaceIsRefused) {
  ASSERT_TRUE(Open()->Put("s3://b/key", "value", PutMode::kIfAbsent));
  Unmount();
  fs::create_directories(lake_);
  auto other = OpenLocalStorage(
      {.buckets_directory = lake_, .lake_register = scratch_.path() + "/other-register"});
  ASSERT_TRUE(other);
  ASSERT_TRUE((*other)->Put("s3://b/key", "other", PutMode::kIfAbsent));
  ExpectNotThere(*Open());
}

TEST_F(LakeMarksTest, SeveralServersShareALake) {
  ASSERT_TRUE(Open()->Put("s3://b/key", "value", PutMode::kIfAbsent));
  auto other = OpenLocalStorage(
      {.buckets_directory = lake_, .lake_register = scratch_.path() + "/other-register"});
  ASSERT_TRUE(other);
  EXPECT_EQ((*other)->Read("s3://b/key").value(), "value");
  EXPECT_EQ(Open()->Read("s3://b/key").value(), "value");
}

TEST_F(LakeMarksTest, AMarkIsNoObject) {
  const auto storage = Open();
  const std::string root = "file://" + scratch_.path() + "/more/";
  fs::create_directories(scratch_.path() + "/more");
  ASSERT_TRUE(storage->Put(root + "key", "value", PutMode::kIfAbsent));
  EXPECT_TRUE(fs::exists(scratch_.path() + "/more/" + std::string(kLakeMark)));
  EXPECT_EQ(List(*storage, root), std::set<std::string>{root + "key"});
}

TEST_F(LakeMarksTest, AnUnreadableRegisterIsAnError) {
  std::ofstream(scratch_.path() + "/lakes") << "not a lake\n";
  EXPECT_EQ(
      OpenLocalStorage({.buckets_directory = lake_, .lake_register = scratch_.path() + "/lakes"})
          .error()
          .kind,
      ErrorKind::kCorruption);
}

TEST_F(LakeMarksTest, LeftoversOfTheDeadGoAndThoseOfTheLivingStay) {
  const auto storage = Open();
  ASSERT_TRUE(storage->Put("s3://b/t/data/key", "value", PutMode::kIfAbsent));
  const std::string folder = lake_ + "/b/t/data/";
  std::ofstream(folder + ".tarn-put-dead") << "half";
  std::ofstream(folder + ".tarn-put-alive") << "half";
  const int alive = open((folder + ".tarn-put-alive").c_str(), O_WRONLY | O_CLOEXEC);
  ASSERT_EQ(flock(alive, LOCK_EX), 0);
  ASSERT_TRUE(storage->RemoveUnfinished("s3://b/t/"));
  EXPECT_FALSE(fs::exists(folder + ".tarn-put-dead"));
  EXPECT_TRUE(fs::exists(folder + ".tarn-put-alive"));
  EXPECT_EQ(storage->Read("s3://b/t/data/key").value(), "value");
  close(alive);
  ASSERT_TRUE(storage->RemoveUnfinished("s3://b/t/"));
  EXPECT_FALSE(fs::exists(folder + ".tarn-put-alive"));
}

}  // namespace
}  // namespace tarn::storage
