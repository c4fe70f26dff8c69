// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <thread>

#include "storage/storage.h"
#include "storage/testing/scratch_directory.h"

namespace tarn::storage {
namespace {

namespace fs = std::filesystem;

class LocalStorageTest : public testing::Test {
 protected:
  LocalStorageTest() {
    fs::create_directories(scratch_.path() + "/allowed");
    fs::create_directories(scratch_.path() + "/secret");
    std::ofstream(scratch_.path() + "/secret/key") << "secret";
    storage_ = Open();
  }

  std::unique_ptr<Storage> Open() const {
    auto storage =
        OpenLocalStorage({.buckets_directory = scratch_.path() + "/buckets",
                          .allowed_prefixes = {"file://" + scratch_.path() + "/allowed/"}});
    EXPECT_TRUE(storage) << storage.error().message;
    return std::move(*storage);
  }

  std::string Buckets(const std::string& path) const {
    return scratch_.path() + "/buckets/" + path;
  }
  std::string FileUrl(const std::string& path) const { return "file://" + scratch_.path() + path; }

  std::set<std::string> List(const std::string& prefix) {
    std::set<std::string> found;
    const auto listed = storage_->List(prefix, [&](const ObjectInfo& object) -> Result<> {
      found.insert(object.location);
      return {};
    });
    EXPECT_TRUE(listed) << listed.error().message;
    return found;
  }

  /// Regular files and links anywhere under the scratch directory.
  int CountFiles() const {
    int count = 0;
    for (const auto& entry : fs::recursive_directory_iterator(scratch_.path())) {
      count += entry.is_directory() ? 0 : 1;
    }
    return count;
  }

  ErrorKind PutError(const std::string& location) {
    const auto put = storage_->Put(location, "x", PutMode::kReplace);
    EXPECT_FALSE(put) << location;
    return put ? ErrorKind::kInternal : put.error().kind;
  }

  ScratchDirectory scratch_;
  std::unique_ptr<Storage> storage_;
};

TEST_F(LocalStorageTest, BucketsAreDirectories) {
  ASSERT_TRUE(storage_->Put("s3://lake/a/b/c.txt", "hello", PutMode::kIfAbsent));
  std::ifstream file(Buckets("lake/a/b/c.txt"));
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "hello");
  EXPECT_EQ(storage_->Read("s3://lake/a/b/c.txt").value(), "hello");
  const auto head = storage_->Head("s3://lake/a/b/c.txt");
  ASSERT_TRUE(head);
  EXPECT_EQ(head->size_bytes, 5);
  EXPECT_GT(head->modified_ms, 1'600'000'000'000);
}

TEST_F(LocalStorageTest, PutModes) {
  const std::string location = "s3://lake/o";
  ASSERT_TRUE(storage_->Put(location, "one", PutMode::kReplace));
  ASSERT_TRUE(storage_->Put(location, "two", PutMode::kReplace));
  EXPECT_EQ(storage_->Read(location).value(), "two");
  const auto again = storage_->Put(location, "three", PutMode::kIfAbsent);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::kAlreadyExists);
  EXPECT_EQ(storage_->Read(location).value(), "two");
  EXPECT_EQ(CountFiles(), 2);  // and the secret: nothing temporary remains
}

TEST_F(LocalStorageTest, NothingIsVisibleBeforeClose) {
  const std::vector<uint8_t> block(1'000'000, 7);
  {
    auto writer = storage_->Create("s3://lake/x/big", PutMode::kReplace);
    ASSERT_TRUE(writer);
    for (int i = 0; i < 20; ++i) ASSERT_TRUE((*writer)->Append(block));
    EXPECT_EQ((*writer)->size_bytes(), 20'000'000);
    EXPECT_EQ(CountFiles(), 1);
    EXPECT_EQ(storage_->Open("s3://lake/x/big").error().kind, ErrorKind::kNotFound);
  }
  EXPECT_EQ(CountFiles(), 1);
}

TEST_F(LocalStorageTest, DeletesAndLeavesNoEmptyDirectories) {
  ASSERT_TRUE(storage_->Put("s3://lake/a/b/1", "x", PutMode::kIfAbsent));
  ASSERT_TRUE(storage_->Put("s3://lake/a/2", "x", PutMode::kIfAbsent));
  ASSERT_TRUE(storage_->Delete("s3://lake/a/b/1"));
  EXPECT_FALSE(fs::exists(Buckets("lake/a/b")));
  EXPECT_TRUE(fs::exists(Buckets("lake/a/2")));
  ASSERT_TRUE(storage_->Delete("s3://lake/a/b/1"));
  ASSERT_TRUE(storage_->Delete("s3://lake/a")) << "a directory is no object";
  ASSERT_TRUE(storage_->Delete("s3://lake/a/2"));
  EXPECT_TRUE(fs::exists(Buckets("lake")));
  EXPECT_FALSE(fs::exists(Buckets("lake/a")));
  ASSERT_TRUE(storage_->Put("s3://lake/a/b/1", "x", PutMode::kIfAbsent));
}

TEST_F(LocalStorageTest, DeletesManyAtOnceAndGoesOnAfterAFailure) {
  std::vector<std::string> doomed;
  for (const char* key : {"t/data/a", "t/data/b", "t/metadata/c", "t/metadata/d"}) {
    doomed.push_back("s3://bucket/" + std::string(key));
    ASSERT_TRUE(storage_->Put(doomed.back(), "x", PutMode::kIfAbsent));
  }
  ASSERT_TRUE(storage_->Put("s3://bucket/t/metadata/kept", "x", PutMode::kIfAbsent));
  doomed.insert(doomed.begin() + 1, FileUrl("/secret/key"));
  doomed.insert(doomed.begin() + 2, "s3://bucket/t/data/absent");
  const auto deleted = storage_->DeleteAll(doomed);
  ASSERT_FALSE(deleted);
  EXPECT_EQ(deleted.error().kind, ErrorKind::kPermissionDenied);
  EXPECT_EQ(List("s3://bucket/"), std::set<std::string>{"s3://bucket/t/metadata/kept"});
  EXPECT_FALSE(fs::exists(Buckets("bucket/t/data"))) << "no empty directory stays";
}

TEST_F(LocalStorageTest, MalformedLocationsAreRefused) {
  const std::string nul("s3://lake/a\0b", 13);
  for (const std::string& location :
       {std::string("s3://lake"), std::string("s3://lake/"), std::string("s3:///k"),
        std::string("s3://../k"), std::string("s3://./k"), std::string("s3://lake/../x"),
        std::string("s3://lake/a/../../x"), std::string("s3://lake//x"),
        std::string("s3://lake/a/"), std::string("s3://lake/."), std::string("s3://lake/.."), nul,
        std::string("/etc/passwd"), std::string("file://etc/passwd"), std::string("http://x/y"),
        std::string(), FileUrl("/allowed/../secret/key"), FileUrl("/allowed/./x"),
        FileUrl("/allowed//x")}) {
    EXPECT_EQ(PutError(location), ErrorKind::kInvalidArgument) << location;
    EXPECT_EQ(storage_->Open(location).error().kind, ErrorKind::kInvalidArgument) << location;
    EXPECT_EQ(storage_->Head(location).error().kind, ErrorKind::kInvalidArgument) << location;
    EXPECT_EQ(storage_->Delete(location).error().kind, ErrorKind::kInvalidArgument) << location;
  }
  EXPECT_EQ(PutError("s3://lake/" + std::string(300, 'n')), ErrorKind::kInvalidArgument);
  EXPECT_EQ(PutError("s3://lake/" + std::string(5000, 'n')), ErrorKind::kInvalidArgument);
  EXPECT_EQ(CountFiles(), 1);
}

TEST_F(LocalStorageTest, OnlyAllowedFileLocations) {
  ASSERT_TRUE(storage_->Put(FileUrl("/allowed/t/x"), "x", PutMode::kIfAbsent));
  EXPECT_TRUE(fs::exists(scratch_.path() + "/allowed/t/x"));
  for (const std::string& location :
       {FileUrl("/secret/key"), FileUrl("/allowed"), FileUrl("/allowedx/y"),
        FileUrl("/buckets/lake/x"), std::string("file:///etc/passwd")}) {
    EXPECT_EQ(PutError(location), ErrorKind::kPermissionDenied) << location;
    EXPECT_EQ(storage_->Open(location).error().kind, ErrorKind::kPermissionDenied) << location;
    EXPECT_EQ(
        storage_->List(location, [](const ObjectInfo&) -> Result<> { return {}; }).error().kind,
        ErrorKind::kPermissionDenied);
  }
}

// ice#492, Doris#35957: other writers name one place in several ways.
TEST_F(LocalStorageTest, T5Ice492JavasSchemesNameTheSamePlaces) {
  ASSERT_TRUE(storage_->Put(FileUrl("/allowed/t/y"), "file", PutMode::kIfAbsent));
  EXPECT_EQ(storage_->Read("file:" + scratch_.path() + "/allowed/t/y").value(), "file");
  ASSERT_TRUE(storage_->Put("s3://lake/y", "bucket", PutMode::kIfAbsent));
  EXPECT_EQ(storage_->Read("s3a://lake/y").value(), "bucket");
  EXPECT_EQ(storage_->Read("s3n://lake/y").value(), "bucket");
  EXPECT_EQ(PutError("file:" + scratch_.path() + "/secret/key"), ErrorKind::kPermissionDenied);
  EXPECT_EQ(PutError("file:etc/passwd"), ErrorKind::kInvalidArgument);
  EXPECT_EQ(PutError("s3a://lake/../x"), ErrorKind::kInvalidArgument);
}

TEST_F(LocalStorageTest, PercentIsAnOrdinaryCharacter) {
  ASSERT_TRUE(storage_->Put("s3://lake/%2e%2e/%2e%2e/key", "x", PutMode::kIfAbsent));
  EXPECT_TRUE(fs::exists(Buckets("lake/%2e%2e/%2e%2e/key")));
  ASSERT_TRUE(storage_->Put("s3://lake/..a/a..", "x", PutMode::kIfAbsent));
  EXPECT_TRUE(fs::exists(Buckets("lake/..a/a..")));
}

TEST_F(LocalStorageTest, SymbolicLinksLeadNowhere) {
  ASSERT_TRUE(storage_->Put("s3://lake/in/x", "x", PutMode::kIfAbsent));
  fs::create_directory_symlink(scratch_.path() + "/secret", Buckets("lake/out"));
  fs::create_symlink(scratch_.path() + "/secret/key", Buckets("lake/file"));
  fs::create_directory_symlink(scratch_.path() + "/secret", Buckets("evil"));
  for (const char* location : {"s3://lake/out/key", "s3://lake/file", "s3://evil/key"}) {
    EXPECT_EQ(storage_->Open(location).error().kind, ErrorKind::kPermissionDenied) << location;
    EXPECT_FALSE(storage_->Head(location)) << location;
  }
  EXPECT_EQ(PutError("s3://lake/out/new"), ErrorKind::kPermissionDenied);
  EXPECT_EQ(PutError("s3://lake/out/sub/new"), ErrorKind::kPermissionDenied);
  EXPECT_EQ(PutError("s3://evil/new"), ErrorKind::kPermissionDenied);
  EXPECT_FALSE(storage_->Delete("s3://lake/out/key"));
  EXPECT_EQ(List("s3://lake/"), (std::set<std::string>{"s3://lake/in/x"}));
  // A put replaces a link, it does not write through it.
  ASSERT_TRUE(storage_->Put("s3://lake/file", "mine", PutMode::kReplace));
  std::ifstream file(scratch_.path() + "/secret/key");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "secret");
}

TEST_F(LocalStorageTest, OddFilesAreNoObjects) {
  ASSERT_TRUE(storage_->Put("s3://lake/x", "x", PutMode::kIfAbsent));
  ASSERT_EQ(mkfifo(Buckets("lake/pipe").c_str(), 0600), 0);
  EXPECT_EQ(storage_->Open("s3://lake/pipe").error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(storage_->Open("s3://lake/x/y").error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(PutError("s3://lake/x/y"), ErrorKind::kInvalidArgument);
  EXPECT_EQ(PutError("s3://lake/x/y/z"), ErrorKind::kInvalidArgument);
}

TEST_F(LocalStorageTest, PutAndDeleteRaceForTheDirectory) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      const std::string location = "s3://lake/shared/deep/" + std::to_string(i);
      for (int round = 0; round < 100; ++round) {
        const auto put = storage_->Put(location, "x", PutMode::kIfAbsent);
        const auto read = storage_->Read(location);
        const auto deleted = storage_->Delete(location);
        EXPECT_TRUE(put) << put.error().message;
        EXPECT_TRUE(read) << read.error().message;
        EXPECT_TRUE(deleted) << deleted.error().message;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(LocalStorageTest, AFullDiskIsAnErrorAndLeavesNothing) {
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{1 << 20, 1 << 20};
    setrlimit(RLIMIT_FSIZE, &limit);
    const std::string large(3 << 20, 'x');
    const auto put = storage_->Put("s3://lake/full/x", large, PutMode::kIfAbsent);
    const bool right = !put && put.error().kind == ErrorKind::kResourceExhausted &&
                       put.error().message.find("s3://lake/full/x") != std::string::npos;
    _exit(right ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(CountFiles(), 1);
}

TEST_F(LocalStorageTest, AReadOnlyDirectoryIsPermissionDenied) {
  if (geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  fs::create_directories(Buckets("lake/ro"));
  fs::permissions(Buckets("lake/ro"), fs::perms::owner_read | fs::perms::owner_exec);
  EXPECT_EQ(PutError("s3://lake/ro/x"), ErrorKind::kPermissionDenied);
}

TEST_F(LocalStorageTest, OptionsAreChecked) {
  EXPECT_FALSE(OpenLocalStorage({.buckets_directory = "relative"}));
  EXPECT_FALSE(OpenLocalStorage({.buckets_directory = "", .allowed_prefixes = {"s3://x/"}}));
  EXPECT_FALSE(OpenLocalStorage({.buckets_directory = "", .allowed_prefixes = {"file:///"}}));
  EXPECT_FALSE(
      OpenLocalStorage({.buckets_directory = "", .allowed_prefixes = {"file:///a/../b/"}}));
  const auto none = OpenLocalStorage({});
  ASSERT_TRUE(none);
  EXPECT_EQ((*none)->Open("s3://b/k").error().kind, ErrorKind::kPermissionDenied);
}

}  // namespace
}  // namespace tarn::storage
