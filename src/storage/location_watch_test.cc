// SPDX-License-Identifier: Apache-2.0
#include "storage/location_watch.h"

#include <gmock/gmock.h>

#include <thread>

#include "storage/testing/scratch_directory.h"

namespace tarn::storage {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class LocationWatchTest : public testing::Test {
 protected:
  static constexpr std::chrono::minutes kLong{1};
  void Put(const std::string& location) {
    ASSERT_TRUE(storage_->Put(location, std::string_view("x"), PutMode::kReplace));
  }
  ScratchDirectory scratch_;
  const LocalStorageOptions options_{
      .buckets_directory = scratch_.path(), .allowed_prefixes = {}, .durable = false};
  std::unique_ptr<Storage> storage_ = OpenLocalStorage(options_).value();
  std::unique_ptr<LocationWatch> watch_ = OpenLocalWatch(options_).value();
};

TEST_F(LocationWatchTest, TellsOfNewObjectsOfItsFolders) {
  Put("s3://b/one/first");
  Put("s3://b/two/first");
  watch_->Watch({"s3://b/one/", "s3://b/two/", "s3://b/absent/", "s3://../x/", "file:///etc/"});
  EXPECT_THAT(watch_->Wait(std::chrono::milliseconds(0)), IsEmpty());
  Put("s3://b/one/second");
  EXPECT_THAT(watch_->Wait(kLong), ElementsAre("s3://b/one/"));
  watch_->Watch({"s3://b/two/"});
  Put("s3://b/one/third");
  Put("s3://b/two/second");
  std::vector<std::string> told;
  while (told.empty()) told = watch_->Wait(kLong);
  EXPECT_THAT(told, ElementsAre("s3://b/two/"));
}

TEST_F(LocationWatchTest, InterruptEndsTheWait) {
  std::thread other([&] { watch_->Interrupt(); });
  EXPECT_THAT(watch_->Wait(kLong), IsEmpty());
  other.join();
}

TEST_F(LocationWatchTest, AFolderThatGoesIsForgotten) {
  Put("s3://b/one/first");
  watch_->Watch({"s3://b/one/"});
  std::filesystem::remove_all(scratch_.path() + "/b");
  Put("s3://b/one/second");
  while (!watch_->Wait(std::chrono::milliseconds(0)).empty()) {
  }
  watch_->Watch({"s3://b/one/"});
  Put("s3://b/one/third");
  EXPECT_THAT(watch_->Wait(kLong), ElementsAre("s3://b/one/"));
}

}  // namespace
}  // namespace tarn::storage
