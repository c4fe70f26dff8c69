// SPDX-License-Identifier: Apache-2.0
#include "capture/source/standby_message.h"

#include <gtest/gtest.h>

namespace tarn::capture {
namespace {

using namespace std::string_literals;  // NOLINT

TEST(StandbyMessageTest, Data) {
  const auto read = ReadServerMessage("w\0\0\0\1\0\0\0\2\0\0\0\1\0\0\0\3\0\0\0\0\0\0\0\0payload"s);
  ASSERT_TRUE(read.has_value());
  EXPECT_TRUE(read->is_data);
  EXPECT_EQ(ToString(read->wal_start), "1/2");
  EXPECT_EQ(ToString(read->wal_end), "1/3");
  EXPECT_EQ(read->payload, "payload");
}

TEST(StandbyMessageTest, Keepalive) {
  const std::string message = "k\0\0\0\1\0\0\0\2\0\0\0\0\0\0\0\0\1"s;
  const auto read = ReadServerMessage(message);
  ASSERT_TRUE(read.has_value());
  EXPECT_FALSE(read->is_data);
  EXPECT_TRUE(read->reply_requested);
  EXPECT_EQ(ToString(read->wal_end), "1/2");
  for (const std::string& other : {message + "x", message.substr(0, 17), "q"s + message, ""s}) {
    EXPECT_EQ(ReadServerMessage(other).error().kind, ErrorKind::kCorruption);
  }
}

TEST(StandbyMessageTest, Status) {
  const auto at = std::chrono::system_clock::time_point(std::chrono::seconds(946'684'801));
  const StatusMessage message = MakeStatusMessage(*ParseLsn("1/3"), *ParseLsn("1/2"), at);
  EXPECT_EQ(std::string(message.data(), message.size()),
            "r\0\0\0\1\0\0\0\3\0\0\0\1\0\0\0\2\0\0\0\1\0\0\0\2\0\0\0\0\0\x0F\x42\x40\0"s);
}

}  // namespace
}  // namespace tarn::capture
