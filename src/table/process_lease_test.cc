// SPDX-License-Identifier: Apache-2.0
#include "table/process_lease.h"

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "storage/testing/scratch_directory.h"

namespace tarn::table {
namespace {

class ProcessLeaseTest : public testing::Test {
 protected:
  WriterFate FateOf(const Writer& writer) {
    const auto fates = fates_.FatesOf({&writer, 1});
    EXPECT_TRUE(fates);
    return fates->front();
  }

  storage::ScratchDirectory scratch_;
  const std::string directory_ = scratch_.path() + "/leases";
  WriterFate in_history_ = WriterFate::kAborted;
  ProcessFates fates_{directory_,
                      [this](const Writer&) -> Result<WriterFate> { return in_history_; }};
};

TEST_F(ProcessLeaseTest, WritersOfALivingProcessRunUntilItTells) {
  const auto lease = ProcessLease::Take(directory_, 1000);
  ASSERT_TRUE(lease) << lease.error().message;
  const Writer writer = (*lease)->NewWriter();
  EXPECT_NE(writer.id, (*lease)->NewWriter().id);
  EXPECT_EQ(FateOf(writer), WriterFate::kRunning);
  fates_.Tell(writer.id, WriterFate::kCommitted);
  EXPECT_EQ(FateOf(writer), WriterFate::kCommitted);
}

TEST_F(ProcessLeaseTest, OfAProcessThatGaveUpItsLeaseTheHistoryTells) {
  Writer writer;
  {
    const auto lease = ProcessLease::Take(directory_, 1000);
    ASSERT_TRUE(lease);
    writer = (*lease)->NewWriter();
  }
  EXPECT_EQ(FateOf(writer), WriterFate::kAborted);
  in_history_ = WriterFate::kCommitted;
  EXPECT_EQ(FateOf(writer), WriterFate::kCommitted);
}

TEST_F(ProcessLeaseTest, AKilledProcessHoldsNothing) {
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    const auto lease = ProcessLease::Take(directory_, 1000);
    const std::string token = lease ? (*lease)->NewWriter().token : "";
    if (write(pipe_ends[1], token.data(), token.size()) < 0) _exit(1);
    pause();
    _exit(0);
  }
  char text[100];
  const ssize_t got = read(pipe_ends[0], text, sizeof text);
  ASSERT_GT(got, 0);
  const Writer writer{.id = Uuid::Random(),
                      .issuer = "process",
                      .token = std::string(text, static_cast<size_t>(got))};
  EXPECT_EQ(FateOf(writer), WriterFate::kRunning);
  kill(child, SIGKILL);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(FateOf(writer), WriterFate::kAborted);
  close(pipe_ends[0]);
  close(pipe_ends[1]);
}

TEST_F(ProcessLeaseTest, WhatIsNoProcesssWriterIsUnknown) {
  EXPECT_EQ(FateOf({.id = Uuid::Random(), .issuer = "postgres", .token = "7/5"}),
            WriterFate::kUnknown);
  EXPECT_EQ(FateOf({.id = Uuid::Random(), .issuer = "process", .token = "x"}),
            WriterFate::kUnknown);
}

class FateInHistoryTest : public testing::Test {
 protected:
  /// States of a table at 1000, 2000, …, all in the log but for the first `lost`.
  static iceberg::LoadedTable Table(const std::vector<Uuid>& writers, size_t lost) {
    const auto location = [&](size_t i) {
      return fmt::format("s3://b/t/metadata/{:05}-{}.metadata.json", i, writers[i].ToString());
    };
    iceberg::TableMetadata metadata;
    for (size_t i = lost; i + 1 < writers.size(); ++i) {
      metadata.metadata_log.push_back({static_cast<int64_t>(1000 * (i + 1)), location(i)});
    }
    metadata.last_updated_ms = static_cast<int64_t>(1000 * writers.size());
    return {location(writers.size() - 1),
            std::make_shared<const iceberg::TableMetadata>(std::move(metadata))};
  }

  static Writer At(int64_t taken_ms, Uuid id = Uuid::Random()) {
    return {.id = id,
            .issuer = "process",
            .token = fmt::format("{}/{}", Uuid::Random().ToString(), taken_ms)};
  }

  const std::vector<Uuid> writers_ = {Uuid::Random(), Uuid::Random(), Uuid::Random()};
};

TEST_F(FateInHistoryTest, WhoeverStandsInItCommitted) {
  for (const Uuid& id : writers_) {
    EXPECT_EQ(FateInHistory(Table(writers_, 0), At(500, id)), WriterFate::kCommitted);
  }
}

TEST_F(FateInHistoryTest, WhoeverDoesNotAborted) {
  EXPECT_EQ(FateInHistory(Table(writers_, 0), At(1500)), WriterFate::kAborted);
  EXPECT_EQ(FateInHistory(Table(writers_, 0), At(9000)), WriterFate::kAborted);
}

TEST_F(FateInHistoryTest, AHistoryThatLostItsBeginningProvesNothing) {
  EXPECT_EQ(FateInHistory(Table(writers_, 1), At(1500, writers_[0])), WriterFate::kUnknown);
  EXPECT_EQ(FateInHistory(Table(writers_, 2), At(1500)), WriterFate::kUnknown);
}

}  // namespace
}  // namespace tarn::table
