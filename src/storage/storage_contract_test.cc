// SPDX-License-Identifier: Apache-2.0
// What every storage promises, asked of all of them.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <set>
#include <thread>

#include "storage/faulty_storage.h"
#include "storage/routed_storage.h"
#include "storage/s3/testing/s3_server.h"
#include "storage/storage.h"
#include "storage/testing/scratch_directory.h"

namespace tarn::storage {
namespace {

/// Where storages are opened, each a view of the same objects.
class Backend {
 public:
  virtual ~Backend() = default;
  virtual std::unique_ptr<Storage> Open() = 0;
};

class LocalBackend : public Backend {
 public:
  std::unique_ptr<Storage> Open() override {
    return OpenLocalStorage({.buckets_directory = scratch_.path()}).value();
  }

 private:
  ScratchDirectory scratch_;
};

class S3Backend : public Backend {
 public:
  explicit S3Backend(bool path_style) {
    for (const char* bucket : {"lake", "bucket", "nobody"}) {
      EXPECT_TRUE(server_.MakeBucket(bucket));
      stores_[bucket] = server_.Store();
      if (path_style) continue;
      stores_[bucket].path_style = false;
      stores_[bucket].endpoint =
          "http://" + std::string(s3::S3Server::kDomain) + ":" + std::to_string(server_.port());
    }
  }
  std::unique_ptr<Storage> Open() override {
    return OpenRoutedStorage({.buckets_directory = scratch_.path()}, stores_).value();
  }

 private:
  s3::S3Server server_;
  ScratchDirectory scratch_;
  ObjectStores stores_;
};

/// The fault-injecting twin without faults is to be no different.
class TwinBackend : public S3Backend {
 public:
  TwinBackend() : S3Backend(true) {}
  std::unique_ptr<Storage> Open() override {
    return MakeFaultyStorage(S3Backend::Open(), ParseFaultPlan("").value());
  }
};

class StorageContractTest : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const std::string_view name = GetParam();
    if (name != "Local" && !s3::S3Server::IsInstalled()) {
      GTEST_SKIP() << "versitygw is not installed: make deps-interop";
    }
    if (name == "Local") backend_ = std::make_unique<LocalBackend>();
    if (name == "S3") backend_ = std::make_unique<S3Backend>(true);
    if (name == "S3VirtualHost") backend_ = std::make_unique<S3Backend>(false);
    if (name == "S3Twin") backend_ = std::make_unique<TwinBackend>();
    storage_ = backend_->Open();
  }

  std::set<std::string> List(const std::string& prefix) {
    std::set<std::string> found;
    const auto listed = storage_->List(prefix, [&](const ObjectInfo& object) -> Result<> {
      EXPECT_TRUE(found.insert(object.location).second) << object.location;
      return {};
    });
    EXPECT_TRUE(listed) << listed.error().message;
    return found;
  }

  std::unique_ptr<Backend> backend_;
  std::unique_ptr<Storage> storage_;
};

INSTANTIATE_TEST_SUITE_P(, StorageContractTest,
                         testing::Values("Local", "S3", "S3VirtualHost", "S3Twin"),
                         [](const auto& suite) { return std::string(suite.param); });

TEST_P(StorageContractTest, PutsReadsAndTells) {
  const auto put = storage_->Put("s3://lake/a/b/c.txt", "hello", PutMode::kIfAbsent);
  ASSERT_TRUE(put) << put.error().message;
  EXPECT_EQ(storage_->Read("s3://lake/a/b/c.txt").value(), "hello");
  EXPECT_EQ(storage_->Read("s3a://lake/a/b/c.txt").value(), "hello");
  const auto head = storage_->Head("s3://lake/a/b/c.txt");
  ASSERT_TRUE(head);
  EXPECT_EQ(head->size_bytes, 5);
  EXPECT_GT(head->modified_ms, 1'600'000'000'000);
}

TEST_P(StorageContractTest, PutModes) {
  const std::string location = "s3://lake/o";
  ASSERT_TRUE(storage_->Put(location, "one", PutMode::kReplace));
  ASSERT_TRUE(storage_->Put(location, "two", PutMode::kReplace));
  EXPECT_EQ(storage_->Read(location).value(), "two");
  const auto again = storage_->Put(location, "three", PutMode::kIfAbsent);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::kAlreadyExists);
  EXPECT_NE(again.error().message.find(location), std::string::npos);
  EXPECT_EQ(storage_->Read(location).value(), "two");
  EXPECT_EQ(List("s3://lake/"), (std::set<std::string>{location}));
}

TEST_P(StorageContractTest, AbsentObjects) {
  EXPECT_EQ(storage_->Open("s3://lake/none").error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(storage_->Head("s3://lake/none").error().kind, ErrorKind::kNotFound);
  EXPECT_TRUE(storage_->Delete("s3://lake/none"));
}

TEST_P(StorageContractTest, EmptyObjects) {
  ASSERT_TRUE(storage_->Put("s3://lake/empty", "", PutMode::kIfAbsent));
  EXPECT_EQ(storage_->Read("s3://lake/empty").value(), "");
  EXPECT_EQ(storage_->Head("s3://lake/empty")->size_bytes, 0);
}

// Object stores take objects of this size in parts.
TEST_P(StorageContractTest, LargeObjectsAppearWhole) {
  const std::string location = "s3://lake/x/big";
  std::vector<uint8_t> block(1'000'003);
  for (size_t i = 0; i < block.size(); ++i) block[i] = static_cast<uint8_t>(i * 131 >> 5);
  for (const bool given_up : {true, false}) {
    auto writer = storage_->Create(location, PutMode::kIfAbsent);
    ASSERT_TRUE(writer) << writer.error().message;
    for (int i = 0; i < 20; ++i) ASSERT_TRUE((*writer)->Append(block));
    EXPECT_EQ((*writer)->size_bytes(), 20'000'060);
    ASSERT_TRUE((*writer)->Stage());
    EXPECT_EQ(storage_->Open(location).error().kind, ErrorKind::kNotFound);
    EXPECT_EQ(List("s3://lake/"), std::set<std::string>{});
    if (given_up) continue;
    const auto appeared = (*writer)->Appear();
    ASSERT_TRUE(appeared) << appeared.error().message;
    ASSERT_TRUE((*writer)->Settle());
  }
  auto late = storage_->Create(location, PutMode::kIfAbsent);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE((*late)->Append(block));
  EXPECT_EQ((*late)->Close().error().kind, ErrorKind::kAlreadyExists);
  const auto reader = storage_->Open(location);
  ASSERT_TRUE(reader);
  ASSERT_EQ((*reader)->size_bytes(), 20'000'060);
  std::vector<uint8_t> part(block.size());
  for (const int64_t i : {19, 0, 7, 8}) {
    ASSERT_TRUE((*reader)->ReadAt(i * static_cast<int64_t>(block.size()), part));
    EXPECT_TRUE(part == block) << i;
  }
}

// In steps of all sizes, forwards and back: what is read ahead answers right.
TEST_P(StorageContractTest, SmallReadsAllOver) {
  std::string bytes(3'000'000, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 2654435761U >> 24);
  ASSERT_TRUE(storage_->Put("s3://lake/s", bytes, PutMode::kIfAbsent));
  const auto reader = storage_->Open("s3://lake/s");
  ASSERT_TRUE(reader);
  uint32_t random = 1;
  size_t offset = 0;
  for (int i = 0; i < 400; ++i) {
    random = random * 1664525 + 1013904223;
    const size_t length = random >> 8 & ((1U << (random >> 28)) - 1);
    if (i % 10 == 0 || offset + length > bytes.size()) offset = random % (bytes.size() - (1 << 16));
    std::string part(length, '\0');
    ASSERT_TRUE((*reader)->ReadAt(static_cast<int64_t>(offset),
                                  {reinterpret_cast<uint8_t*>(part.data()), part.size()}));
    ASSERT_EQ(part, bytes.substr(offset, length)) << offset << " " << length;
    offset += length;
  }
}

TEST_P(StorageContractTest, ManyObjects) {
  std::set<std::string> expected;
  std::vector<std::thread> threads;
  for (int i = 0; i < 1203; ++i) expected.insert("s3://lake/many/" + std::to_string(i));
  const std::vector<std::string> all(expected.begin(), expected.end());
  for (size_t first = 0; first < 4; ++first) {
    threads.emplace_back([&, first] {
      for (size_t i = first; i < all.size(); i += 4) {
        EXPECT_TRUE(storage_->Put(all[i], "x", PutMode::kReplace));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(List("s3://lake/many/"), expected);
  const auto deleted = storage_->DeleteAll(all);
  EXPECT_TRUE(deleted) << deleted.error().message;
  EXPECT_EQ(List("s3://lake/many/"), std::set<std::string>{});
}

TEST_P(StorageContractTest, DeletesManyAtOnceAndGoesOnAfterAFailure) {
  std::vector<std::string> doomed;
  for (const char* key : {"t/data/a", "t/data/b & <c>", "t/metadata/c", "t/metadata/d"}) {
    doomed.push_back("s3://bucket/" + std::string(key));
    ASSERT_TRUE(storage_->Put(doomed.back(), "x", PutMode::kIfAbsent));
  }
  ASSERT_TRUE(storage_->Put("s3://bucket/t/metadata/kept", "x", PutMode::kIfAbsent));
  ASSERT_TRUE(storage_->Put("s3://lake/gone", "x", PutMode::kIfAbsent));
  doomed.insert(doomed.begin() + 1, "file:///etc/passwd");
  doomed.insert(doomed.begin() + 2, "s3://bucket/t/data/absent");
  doomed.insert(doomed.begin() + 3, "s3://lake/gone");
  const auto deleted = storage_->DeleteAll(doomed);
  ASSERT_FALSE(deleted);
  EXPECT_EQ(deleted.error().kind, ErrorKind::kPermissionDenied);
  EXPECT_EQ(List("s3://bucket/"), std::set<std::string>{"s3://bucket/t/metadata/kept"});
  EXPECT_EQ(List("s3://lake/"), std::set<std::string>{});
}

TEST_P(StorageContractTest, MalformedLocationsAreRefused) {
  const std::string nul("s3://lake/a\0b", 13);
  for (const std::string& location :
       {std::string("s3://lake"), std::string("s3://lake/"), std::string("s3://lake/../x"),
        std::string("s3://lake/a/../../x"), std::string("s3://lake//x"),
        std::string("s3://lake/a/"), std::string("s3://lake/."), std::string("s3://lake/.."), nul,
        "s3://lake/" + std::string(5000, 'n')}) {
    EXPECT_EQ(storage_->Put(location, "x", PutMode::kReplace).error().kind,
              ErrorKind::kInvalidArgument)
        << location;
    EXPECT_EQ(storage_->Open(location).error().kind, ErrorKind::kInvalidArgument) << location;
    EXPECT_EQ(storage_->Head(location).error().kind, ErrorKind::kInvalidArgument) << location;
    EXPECT_EQ(storage_->Delete(location).error().kind, ErrorKind::kInvalidArgument) << location;
  }
  EXPECT_EQ(List("s3://lake/"), std::set<std::string>{});
}

TEST_P(StorageContractTest, OddNames) {
  std::set<std::string> expected;
  for (const char* key :
       {"%2e%2e/%2e", "..a/a..", "a b+c", "k=v&x=y", "d?e#f", "\"q'", "é/ü", "a;b,c@d:e!$(f)*~"}) {
    const std::string location = "s3://lake/" + std::string(key);
    const auto put = storage_->Put(location, key, PutMode::kIfAbsent);
    ASSERT_TRUE(put) << put.error().message;
    EXPECT_EQ(storage_->Read(location).value(), key);
    expected.insert(location);
  }
  EXPECT_EQ(List("s3://lake/"), expected);
  EXPECT_EQ(List("s3://lake/k="), std::set<std::string>{"s3://lake/k=v&x=y"});
}

TEST_P(StorageContractTest, RangedReads) {
  auto writer = storage_->Create("s3://lake/r", PutMode::kIfAbsent);
  ASSERT_TRUE(writer);
  std::vector<uint8_t> bytes(700'001);
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(i * 31 >> 3);
  for (size_t i = 0; i < bytes.size(); i += 1000) {
    ASSERT_TRUE(
        (*writer)->Append(std::span(bytes).subspan(i, std::min<size_t>(1000, bytes.size() - i))));
  }
  ASSERT_TRUE((*writer)->Close());
  const auto reader = storage_->Open("s3://lake/r");
  ASSERT_TRUE(reader);
  EXPECT_EQ((*reader)->size_bytes(), 700'001);
  std::vector<uint8_t> part(5000);
  ASSERT_TRUE((*reader)->ReadAt(261'000, part));
  EXPECT_TRUE(std::equal(part.begin(), part.end(), bytes.begin() + 261'000));
  const auto beyond = (*reader)->ReadAt(699'000, part);
  ASSERT_FALSE(beyond);
  EXPECT_EQ(beyond.error().kind, ErrorKind::kCorruption);
}

TEST_P(StorageContractTest, ListsByPrefix) {
  for (const char* key : {"a/1", "a/2/x", "ab/3", "b"}) {
    ASSERT_TRUE(storage_->Put("s3://lake/" + std::string(key), "x", PutMode::kIfAbsent));
  }
  using Set = std::set<std::string>;
  EXPECT_EQ(List("s3://lake/"),
            (Set{"s3://lake/a/1", "s3://lake/a/2/x", "s3://lake/ab/3", "s3://lake/b"}));
  EXPECT_EQ(List("s3://lake/a"), (Set{"s3://lake/a/1", "s3://lake/a/2/x", "s3://lake/ab/3"}));
  EXPECT_EQ(List("s3://lake/a/"), (Set{"s3://lake/a/1", "s3://lake/a/2/x"}));
  EXPECT_EQ(List("s3://lake/zz/"), Set{});
  EXPECT_EQ(List("s3://nobody/"), Set{});
  const auto stopped = storage_->List("s3://lake/", [](const ObjectInfo&) -> Result<> {
    return Fail(ErrorKind::kCancelled, "enough");
  });
  EXPECT_EQ(stopped.error().kind, ErrorKind::kCancelled);
}

TEST_P(StorageContractTest, OneOfManyThreadsWins) {
  for (int round = 0; round < 20; ++round) {
    const std::string location = "s3://lake/race/" + std::to_string(round) + "/o";
    std::atomic<int> winners{0};
    std::atomic<int> losers{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&, i] {
        const auto put = storage_->Put(location, std::to_string(i), PutMode::kIfAbsent);
        if (put) ++winners;
        if (!put && put.error().kind == ErrorKind::kAlreadyExists) ++losers;
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(winners, 1);
    EXPECT_EQ(losers, 7);
  }
}

TEST_P(StorageContractTest, OneOfManyProcessesWins) {
  constexpr int kProcesses = 6;
  std::vector<pid_t> children;
  for (int i = 0; i < kProcesses; ++i) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      const auto storage = backend_->Open();
      int won = 0;
      for (int round = 0; round < 20; ++round) {
        const std::string location = "s3://lake/p/" + std::to_string(round) + "/o";
        won += storage->Put(location, "x", PutMode::kIfAbsent).has_value() ? 1 : 0;
      }
      _exit(won);
    }
    children.push_back(child);
  }
  int won = 0;
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    won += WEXITSTATUS(status);
  }
  EXPECT_EQ(won, 20);
}

}  // namespace
}  // namespace tarn::storage
