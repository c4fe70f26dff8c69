// SPDX-License-Identifier: Apache-2.0
// What object stores have beyond the contract (storage_contract_test.cc), against versitygw.
#include "storage/s3/s3_storage.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <set>
#include <thread>

#include "storage/s3/object_writer.h"
#include "storage/s3/testing/lossy_proxy.h"
#include "storage/s3/testing/s3_server.h"

namespace tarn::storage {
namespace {

constexpr const char* kBucket = "lake";

class S3StorageTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!s3::S3Server::IsInstalled()) {
      GTEST_SKIP() << "versitygw is not installed: make deps-interop";
    }
    server_ = std::make_unique<s3::S3Server>();
    ASSERT_TRUE(server_->MakeBucket(kBucket));
  }

  std::unique_ptr<Storage> Open(int port = 0) const {
    return OpenBucket(kBucket, server_->Store(port));
  }

  /// Requests whose first line has the text lose their answer, so many times.
  s3::LosesAnswer Losing(std::string text, int times) {
    left_ = times;
    return [this, text = std::move(text)](std::string_view line) {
      return line.find(text) != std::string_view::npos && left_-- > 0;
    };
  }

  int CountUploads() const {
    int uploads = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(server_->directory())) {
      uploads +=
          entry.is_regular_file() && entry.path().string().find("multipart") != std::string::npos;
    }
    return uploads;
  }

  std::unique_ptr<s3::S3Server> server_;
  std::atomic<int> left_ = 0;
};

TEST_F(S3StorageTest, LostAnswersOfPutsAreNoConflicts) {
  const s3::LossyProxy proxy(server_->port(), Losing("PUT /lake/t/", 2));
  ASSERT_TRUE(Open()->Put("s3://lake/t/other", "theirs", PutMode::kIfAbsent));
  const auto storage = Open(proxy.port());
  left_ = 0;
  ASSERT_TRUE(storage->Put("s3://lake/t/probed", "x", PutMode::kIfAbsent));
  left_ = 2;
  const auto put = storage->Put("s3://lake/t/mine", "mine", PutMode::kIfAbsent);
  EXPECT_TRUE(put) << put.error().message;
  EXPECT_EQ(proxy.lost(), 2);
  EXPECT_EQ(Open()->Read("s3://lake/t/mine").value(), "mine");
  left_ = 1;
  const auto conflict = storage->Put("s3://lake/t/other", "mine", PutMode::kIfAbsent);
  ASSERT_FALSE(conflict);
  EXPECT_EQ(conflict.error().kind, ErrorKind::kAlreadyExists);
  EXPECT_EQ(Open()->Read("s3://lake/t/other").value(), "theirs");
}

TEST_F(S3StorageTest, LostAnswersOfUploadsAreNoConflicts) {
  const s3::LossyProxy proxy(server_->port(), Losing("uploadId=", 0));
  const auto storage = Open(proxy.port());
  const std::string large(3 * s3::kPartBytes + 17, 'L');
  ASSERT_TRUE(storage->Put("s3://lake/t/probed", "x", PutMode::kIfAbsent));
  for (int lost = 1; lost <= 5; ++lost) {
    left_ = lost;
    const std::string location = "s3://lake/t/large" + std::to_string(lost);
    const auto put = storage->Put(location, large, PutMode::kIfAbsent);
    ASSERT_TRUE(put) << put.error().message;
    EXPECT_EQ(Open()->Read(location).value(), large);
  }
  EXPECT_EQ(CountUploads(), 0);
}

TEST_F(S3StorageTest, LostAnswersOfTheRest) {
  std::atomic<int> requests = 0;
  // Every other answer is lost, whatever was asked.
  const s3::LossyProxy proxy(server_->port(),
                             [&](std::string_view) { return ++requests % 2 == 1; });
  const auto storage = Open(proxy.port());
  ASSERT_TRUE(storage->Put("s3://lake/a", "x", PutMode::kIfAbsent));
  ASSERT_TRUE(storage->Put("s3://lake/a", "y", PutMode::kReplace));
  EXPECT_EQ(storage->Read("s3://lake/a").value(), "y");
  EXPECT_EQ(storage->Head("s3://lake/a")->size_bytes, 1);
  int listed = 0;
  ASSERT_TRUE(storage->List("s3://lake/", [&](const ObjectInfo&) -> Result<> {
    ++listed;
    return {};
  }));
  EXPECT_EQ(listed, 1);
  EXPECT_TRUE(storage->Delete("s3://lake/a"));
  EXPECT_EQ(Open()->Head("s3://lake/a").error().kind, ErrorKind::kNotFound);
  EXPECT_GT(proxy.lost(), 5);
}

// Two writers, each of which loses answers: exactly one believes that it won.
TEST_F(S3StorageTest, OneOfManyWinsThoughAnswersAreLost) {
  std::atomic<int> requests = 0;
  const s3::LossyProxy proxy(server_->port(),
                             [&](std::string_view) { return ++requests % 3 == 0; });
  for (int round = 0; round < 10; ++round) {
    const std::string location = "s3://lake/race/" + std::to_string(round);
    std::atomic<int> winners = 0, losers = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        const auto put = Open(proxy.port())->Put(location, "same", PutMode::kIfAbsent);
        winners += put.has_value() ? 1 : 0;
        losers += !put && put.error().kind == ErrorKind::kAlreadyExists ? 1 : 0;
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(winners, 1);
    EXPECT_EQ(losers, 3);
  }
}

TEST_F(S3StorageTest, AnUnknownEndIsSaidToBeOne) {
  const s3::LossyProxy proxy(server_->port(), Losing("/lake/t/lost", 1000));
  const auto storage = Open(proxy.port());
  left_ = 0;
  ASSERT_TRUE(storage->Put("s3://lake/t/probed", "x", PutMode::kIfAbsent));
  left_ = 1000;
  const auto put = storage->Put("s3://lake/t/lost", "x", PutMode::kIfAbsent);
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().kind, ErrorKind::kCommitStateUnknown);
  EXPECT_EQ(Open()->Read("s3://lake/t/lost").value(), "x") << "it may have happened, and it has";
}

TEST_F(S3StorageTest, AServerThatIsKilledAndComesBack) {
  const auto storage = Open();
  const std::string large(3 * s3::kPartBytes, 'L');
  ASSERT_TRUE(storage->Put("s3://lake/before", large, PutMode::kIfAbsent));
  auto writer = storage->Create("s3://lake/during", PutMode::kIfAbsent);
  ASSERT_TRUE(writer);
  const std::span bytes(reinterpret_cast<const uint8_t*>(large.data()), large.size());
  ASSERT_TRUE((*writer)->Append(bytes));
  const auto reader = storage->Open("s3://lake/before");
  ASSERT_TRUE(reader);
  server_->Kill();
  // The server starts in this thread: it ends with the one that began it.
  std::thread operations([&] {
    std::vector<uint8_t> part(1 << 20);
    EXPECT_TRUE((*reader)->ReadAt(5, part));
    EXPECT_TRUE((*writer)->Append(bytes));
    const auto closed = (*writer)->Close();
    EXPECT_TRUE(closed) << closed.error().message;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  server_->Start();
  operations.join();
  EXPECT_EQ(storage->Read("s3://lake/during").value(), large + large);
}

TEST_F(S3StorageTest, AServerThatIsNotThereIsUnavailable) {
  const auto storage = Open();
  server_->Kill();
  const auto put = storage->Put("s3://lake/x", "x", PutMode::kReplace);
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().kind, ErrorKind::kUnavailable) << "nothing was sent, so nothing is unknown";
  EXPECT_NE(put.error().message.find("s3://lake/x"), std::string::npos);
  EXPECT_FALSE(put.error().hint.empty());
}

TEST_F(S3StorageTest, AnAbsentBucketIsNoEmptyLake) {
  const auto storage = OpenBucket("nobody", server_->Store());
  for (const auto& error :
       {storage->Open("s3://nobody/x").error(), storage->Head("s3://nobody/x").error(),
        storage->Put("s3://nobody/x", "x", PutMode::kReplace).error(),
        storage->List("s3://nobody/", [](const ObjectInfo&) -> Result<> { return {}; }).error()}) {
    EXPECT_EQ(error.kind, ErrorKind::kUnavailable) << error.message;
    EXPECT_FALSE(error.hint.empty());
  }
}

TEST_F(S3StorageTest, WrongCredentialsAreRefusedAndNotShown) {
  ObjectStore store = server_->Store();
  store.credentials.secret_access_key = "quite-wrong";
  const auto storage = OpenBucket(kBucket, store);
  for (const auto& error : {storage->Open("s3://lake/x").error(),
                            storage->Put("s3://lake/x", "x", PutMode::kReplace).error()}) {
    EXPECT_EQ(error.kind, ErrorKind::kPermissionDenied) << error.message;
    EXPECT_EQ((error.message + error.detail + error.hint).find("quite-wrong"), std::string::npos);
  }
}

TEST_F(S3StorageTest, CredentialsThatChangeInTheirFile) {
  const ScratchDirectory scratch;
  ObjectStore store = server_->Store();
  store.credentials_file = scratch.path() + "/credentials";
  store.profile = "lake";
  const auto write = [&](const char* secret) {
    std::ofstream(store.credentials_file)
        << "[default]\naws_access_key_id = no\n\n# a comment\n[lake]\n"
        << "aws_access_key_id=tarn-tests\naws_secret_access_key = " << secret << "\n";
    std::filesystem::permissions(store.credentials_file, std::filesystem::perms::owner_read |
                                                             std::filesystem::perms::owner_write);
  };
  write("outdated");
  const auto storage = OpenBucket(kBucket, store);
  EXPECT_FALSE(storage->Put("s3://lake/x", "x", PutMode::kReplace));
  write("tarn-tests-secret");
  const auto put = storage->Put("s3://lake/x", "x", PutMode::kReplace);
  EXPECT_TRUE(put) << put.error().message;
  std::filesystem::permissions(store.credentials_file, std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  const auto refused = OpenBucket(kBucket, store)->Head("s3://lake/x");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("read by others"), std::string::npos);
}

TEST_F(S3StorageTest, AnObjectThatIsReplacedIsNotMixed) {
  const auto storage = Open();
  const std::string one(2'000'000, '1'), two(2'000'000, '2');
  ASSERT_TRUE(storage->Put("s3://lake/x", one, PutMode::kReplace));
  const auto reader = storage->Open("s3://lake/x");
  ASSERT_TRUE(reader);
  std::vector<uint8_t> part(1000);
  ASSERT_TRUE((*reader)->ReadAt(0, part));
  ASSERT_TRUE(storage->Put("s3://lake/x", two, PutMode::kReplace));
  const auto read = (*reader)->ReadAt(1'000'000, part);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, ErrorKind::kUnavailable);
}

TEST_F(S3StorageTest, AGivenUpPutLeavesNothing) {
  const auto storage = Open();
  const std::vector<uint8_t> bytes(2 * s3::kPartBytes + 1, 7);
  {
    auto writer = storage->Create("s3://lake/x", PutMode::kReplace);
    ASSERT_TRUE((*writer)->Append(bytes));
    EXPECT_GT(CountUploads(), 0);
  }
  EXPECT_EQ(CountUploads(), 0);
  // One whose writer died stays for a week.
  auto writer = storage->Create("s3://lake/y", PutMode::kReplace);
  ASSERT_TRUE((*writer)->Append(bytes));
  const auto removed = storage->RemoveUnfinished("s3://lake/");
  EXPECT_TRUE(removed) << removed.error().message;
  EXPECT_TRUE((*writer)->Close());
}

TEST_F(S3StorageTest, TheProbeLeavesNothingAndNobodySeesIt) {
  const auto storage = Open();
  ASSERT_TRUE(storage->Put("s3://lake/t/x", "x", PutMode::kIfAbsent));
  int files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(server_->directory())) {
    files +=
        entry.is_regular_file() && entry.path().string().find(".tarn-probe") != std::string::npos;
  }
  EXPECT_EQ(files, 0);
}

TEST(S3TlsTest, CertificatesAreVerified) {
  if (!s3::S3Server::IsInstalled()) GTEST_SKIP() << "versitygw is not installed";
  const ScratchDirectory scratch;
  const std::string key = scratch.path() + "/key.pem", certificate = scratch.path() + "/cert.pem";
  const std::string command =
      "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost "
      "-addext subjectAltName=IP:127.0.0.1 -keyout " +
      key + " -out " + certificate + " 2> /dev/null";
  ASSERT_EQ(std::system(command.c_str()), 0);
  const s3::S3Server server(certificate, key);
  ObjectStore store = server.Store();
  store.endpoint = "https://127.0.0.1:" + std::to_string(server.port());
  const auto refused = OpenBucket(kBucket, store)->Head("s3://lake/x");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kUnavailable);
  EXPECT_NE(refused.error().message.find("certificate"), std::string::npos)
      << refused.error().message;
  store.ca_file = certificate;
  ASSERT_TRUE(s3::BucketClient(kBucket, store).Send({.method = "PUT", .key = ""}).ok());
  const auto storage = OpenBucket(kBucket, store);
  ASSERT_TRUE(storage->Put("s3://lake/x", "x", PutMode::kIfAbsent));
  EXPECT_EQ(storage->Read("s3://lake/x").value(), "x");
}

}  // namespace
}  // namespace tarn::storage
