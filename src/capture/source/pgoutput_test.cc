// SPDX-License-Identifier: Apache-2.0
// Messages written by hand after PostgreSQL's documentation, "Logical Replication Message Formats".
#include "capture/source/pgoutput.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

namespace tarn::capture::pgoutput {
namespace {

using namespace std::string_literals;  // NOLINT: messages have zero bytes

const std::string kLsn1 = "\0\0\0\x16\xB3\x74\xD8\x48"s;  // 16/B374D848
const std::string kLsn2 = "\0\0\0\x16\xB3\x74\xD8\x80"s;
const std::string kTime = "\0\0\0\0\0\x0F\x42\x40"s;  // a second after 2000-01-01
const std::string kXid = "\0\0\2\xDA"s;               // 730
const std::string kOid = "\0\0\x40\x0A"s;             // 16394
constexpr int64_t kMicros2000 = 946'684'800'000'000;

/// What was decoded points into the bytes, which stay.
template <typename Body>
Body Decoded(std::string written) {
  static std::deque<std::string> kept;
  const std::string& bytes = kept.emplace_back(std::move(written));
  Decoder decoder;
  auto message = decoder.Decode(bytes);
  EXPECT_TRUE(message.has_value()) << bytes;
  if (!message || !std::holds_alternative<Body>(message->body)) {
    ADD_FAILURE() << "another message than expected";
    return {};
  }
  EXPECT_FALSE(message->streamed_by.has_value());
  return std::get<Body>(message->body);
}

/// A decoder within a streamed transaction.
Decoder Streaming() {
  Decoder decoder;
  EXPECT_TRUE(decoder.Decode("S"s + kXid + "\1"s).has_value());
  return decoder;
}

void ExpectMalformed(const std::string& bytes, Decoder decoder = {}) {
  const auto message = decoder.Decode(bytes);
  ASSERT_FALSE(message.has_value()) << testing::PrintToString(bytes);
  EXPECT_EQ(message.error().kind, ErrorKind::kCorruption);
}

TEST(PgoutputTest, Begin) {
  const auto begin = Decoded<Begin>("B" + kLsn1 + kTime + kXid);
  EXPECT_EQ(ToString(begin.commit_lsn), "16/B374D848");
  EXPECT_EQ(begin.time.value(), kMicros2000 + 1'000'000);
  EXPECT_EQ(begin.transaction.value(), 730U);
}

TEST(PgoutputTest, Commit) {
  const auto commit = Decoded<Commit>("C\0"s + kLsn1 + kLsn2 + kTime);
  EXPECT_EQ(ToString(commit.commit_lsn), "16/B374D848");
  EXPECT_EQ(ToString(commit.end_lsn), "16/B374D880");
  EXPECT_EQ(commit.time.value(), kMicros2000 + 1'000'000);
  ExpectMalformed("C\1"s + kLsn1 + kLsn2 + kTime);
}

TEST(PgoutputTest, Relation) {
  const auto relation =
      Decoded<Relation>("R" + kOid + "public\0people\0d\0\2"s +
                        "\1id\0\0\0\0\x17\xFF\xFF\xFF\xFF"s + "\0name\0\0\0\4\x13\0\0\0\x24"s);
  EXPECT_EQ(relation.oid.value(), 16394U);
  EXPECT_EQ(relation.schema, "public");
  EXPECT_EQ(relation.name, "people");
  EXPECT_EQ(relation.identity, ReplicaIdentity::kDefault);
  ASSERT_EQ(relation.columns.size(), 2U);
  EXPECT_TRUE(relation.columns[0].in_key);
  EXPECT_EQ(relation.columns[0].name, "id");
  EXPECT_EQ(relation.columns[0].type.value(), 23U);
  EXPECT_EQ(relation.columns[0].modifier, -1);
  EXPECT_FALSE(relation.columns[1].in_key);
  EXPECT_EQ(relation.columns[1].type.value(), 1043U);
  EXPECT_EQ(relation.columns[1].modifier, 36);
}

TEST(PgoutputTest, RelationOfTheCatalogHasNoSchema) {
  EXPECT_EQ(Decoded<Relation>("R" + kOid + "\0pg_x\0f\0\0"s).schema, "pg_catalog");
  ExpectMalformed("R" + kOid + "\0pg_x\0q\0\0"s);
  ExpectMalformed("R" + kOid + "\0pg_x\0f\xFF\xFF"s);
}

TEST(PgoutputTest, Type) {
  const auto type = Decoded<TypeName>("Y" + kOid + "odd\0mood\0"s);
  EXPECT_EQ(type.oid.value(), 16394U);
  EXPECT_EQ(type.schema, "odd");
  EXPECT_EQ(type.name, "mood");
}

TEST(PgoutputTest, InsertHasEveryFormOfValue) {
  const auto insert = Decoded<Insert>("I" + kOid + "N\0\4nut\0\0\0\3abcb\0\0\0\2\0\1"s);
  ASSERT_EQ(insert.row.size(), 4U);
  EXPECT_EQ(insert.row[0].format, ValueFormat::kNull);
  EXPECT_EQ(insert.row[1].format, ValueFormat::kUnchanged);
  EXPECT_EQ(insert.row[2].format, ValueFormat::kText);
  EXPECT_EQ(insert.row[2].bytes, "abc");
  EXPECT_EQ(insert.row[3].format, ValueFormat::kBinary);
  EXPECT_EQ(insert.row[3].bytes, "\0\1"s);
}

TEST(PgoutputTest, UpdateWithAndWithoutTheOldRow) {
  const auto plain = Decoded<Update>("U" + kOid + "N\0\1n"s);
  EXPECT_FALSE(plain.old_row.has_value());
  const auto key = Decoded<Update>("U" + kOid + "K\0\1t\0\0\0\1aN\0\1t\0\0\0\1b"s);
  ASSERT_TRUE(key.old_row.has_value());
  EXPECT_TRUE(key.old_is_key);
  EXPECT_EQ((*key.old_row)[0].bytes, "a");
  EXPECT_EQ(key.row[0].bytes, "b");
  const auto full = Decoded<Update>("U" + kOid + "O\0\1nN\0\1n"s);
  EXPECT_TRUE(full.old_row.has_value());
  EXPECT_FALSE(full.old_is_key);
  ExpectMalformed("U" + kOid + "K\0\1n"s);
}

TEST(PgoutputTest, Delete) {
  EXPECT_TRUE(Decoded<Delete>("D" + kOid + "K\0\1n"s).old_is_key);
  EXPECT_FALSE(Decoded<Delete>("D" + kOid + "O\0\1n"s).old_is_key);
  ExpectMalformed("D" + kOid + "N\0\1n"s);
}

TEST(PgoutputTest, Truncate) {
  const auto truncate = Decoded<Truncate>("T\0\0\0\2\3"s + kOid + "\0\0\0\1"s);
  EXPECT_TRUE(truncate.cascade);
  EXPECT_TRUE(truncate.restart_identity);
  EXPECT_THAT(truncate.relations, testing::ElementsAre(RelationOid(16394), RelationOid(1)));
  ExpectMalformed("T\xFF\xFF\xFF\xFF\0"s + kOid);
}

TEST(PgoutputTest, OriginAndMessage) {
  const auto origin = Decoded<Origin>("O" + kLsn1 + "there\0"s);
  EXPECT_EQ(origin.name, "there");
  const auto message = Decoded<LogicalMessage>("M\1"s + kLsn1 + "tarn\0\0\0\0\3a\0b"s);
  EXPECT_TRUE(message.transactional);
  EXPECT_EQ(message.prefix, "tarn");
  EXPECT_EQ(message.content, "a\0b"s);
  ExpectMalformed("M\1"s + kLsn1 + "tarn\0\xFF\xFF\xFF\xFF"s);
}

TEST(PgoutputTest, StreamedTransactionsNameTheSubtransaction) {
  Decoder decoder = Streaming();
  auto insert = decoder.Decode("I\0\0\2\xDB"s + kOid + "N\0\1n"s);
  ASSERT_TRUE(insert.has_value());
  EXPECT_EQ(insert->streamed_by, TransactionId(731));
  EXPECT_EQ(std::get<Insert>(insert->body).relation, RelationOid(16394));
  auto relation = decoder.Decode("R" + kXid + kOid + "s\0t\0d\0\0"s);
  ASSERT_TRUE(relation.has_value());
  EXPECT_EQ(relation->streamed_by, TransactionId(730));
  ASSERT_TRUE(decoder.Decode("O" + kLsn1 + "there\0"s).has_value());
  ASSERT_TRUE(decoder.Decode("E").has_value());
  // Outside again.
  EXPECT_TRUE(decoder.Decode("I" + kOid + "N\0\1n"s).has_value());
  auto commit = decoder.Decode("c" + kXid + "\0"s + kLsn1 + kLsn2 + kTime);
  ASSERT_TRUE(commit.has_value());
  EXPECT_EQ(std::get<StreamCommit>(commit->body).transaction, TransactionId(730));
}

TEST(PgoutputTest, StreamAbortWithAndWithoutWhere) {
  const auto abort = Decoded<StreamAbort>("A" + kXid + "\0\0\2\xDB"s);
  EXPECT_EQ(abort.subtransaction, TransactionId(731));
  EXPECT_EQ(Decoded<StreamAbort>("A" + kXid + kXid + kLsn1 + kTime).transaction,
            TransactionId(730));
  ExpectMalformed("A" + kXid + kXid + kLsn1);
}

TEST(PgoutputTest, MessagesThatCannotStandThere) {
  ExpectMalformed("E");
  ExpectMalformed("S" + kXid + "\1"s, Streaming());
  ExpectMalformed("B" + kLsn1 + kTime + kXid, Streaming());
  ExpectMalformed("");
  ExpectMalformed("z");
}

TEST(PgoutputTest, PreparedTransactionsAreRefused) {
  for (const char kind : {'b', 'P', 'K', 'r', 'p'}) {
    const auto message = Decoder().Decode(std::string(1, kind));
    ASSERT_FALSE(message.has_value());
    EXPECT_EQ(message.error().kind, ErrorKind::kUnsupported);
  }
}

TEST(PgoutputTest, NothingShorterOrLongerIsTaken) {
  const std::vector<std::string> messages = {
      "B" + kLsn1 + kTime + kXid,
      "C\0"s + kLsn1 + kLsn2 + kTime,
      "R" + kOid + "public\0people\0d\0\1\1id\0\0\0\0\x17\xFF\xFF\xFF\xFF"s,
      "Y" + kOid + "odd\0mood\0"s,
      "I" + kOid + "N\0\4nut\0\0\0\3abcb\0\0\0\2\0\1"s,
      "U" + kOid + "K\0\1t\0\0\0\1aN\0\1t\0\0\0\1b"s,
      "D" + kOid + "O\0\1t\0\0\0\1a"s,
      "T\0\0\0\2\3"s + kOid + kOid,
      "O" + kLsn1 + "there\0"s,
      "M\1"s + kLsn1 + "tarn\0\0\0\0\3abc"s,
      "S" + kXid + "\1"s,
      "c" + kXid + "\0"s + kLsn1 + kLsn2 + kTime,
  };
  for (const std::string& message : messages) {
    EXPECT_TRUE(Decoder().Decode(message).has_value()) << message[0];
    for (size_t size = 0; size < message.size(); ++size) ExpectMalformed(message.substr(0, size));
    ExpectMalformed(message + "\0"s);
  }
}

}  // namespace
}  // namespace tarn::capture::pgoutput
