// SPDX-License-Identifier: Apache-2.0
// The service as a backend sees it: tables created, appended to, scanned, committed and rolled
// back.
#include "lake/testing/test_service.h"

namespace tarn::lake {
namespace {

TEST(ServiceTest, CreatesAndAppendsAndScans) {
  TestService service;
  const auto client = service.Connect();
  EXPECT_EQ(client->hello.node, service.lake().journal->node());
  const TablePlace place = service.NewPlace();
  const auto created = service.Append(*client, place, "", MakeRows(0, 3));
  ASSERT_TRUE(created) << created.error().message;
  EXPECT_EQ(created->location, place.location);
  EXPECT_TRUE(created->metadata_location.starts_with(place.location + "/metadata/00000-"));
  EXPECT_EQ(client->Rows(created->metadata_location), MakeRows(0, 3));

  const auto grown = service.Append(*client, place, created->metadata_location, MakeRows(3, 2));
  ASSERT_TRUE(grown) << grown.error().message;
  EXPECT_TRUE(grown->metadata_location.starts_with(place.location + "/metadata/00001-"));
  EXPECT_EQ(client->Rows(grown->metadata_location), MakeRows(0, 5));
  EXPECT_EQ(client->Rows(created->metadata_location), MakeRows(0, 3)) << "an older snapshot";
  service.ExpectSound(grown->metadata_location);
}

TEST(ServiceTest, ATransactionReadsItsOwnRows) {
  TestService service;
  const auto client = service.Connect();
  TestWrite write{.place = service.NewPlace()};
  client->Send(MessageType::kBeginWrite,
               BeginWrite{write.key, write.storage, write.place, TestFields()});
  client->Append(write.storage, 0, MakeRows(0, 4));
  client->Append(write.storage, 4, MakeRows(4, 4));
  EXPECT_EQ(client->Rows("", write.storage, {{0, 8}}), MakeRows(0, 8));
  EXPECT_EQ(client->Rows("", write.storage, {{2, 5}}), MakeRows(2, 3));
  client->Finish(write.key.uuid, Outcome::kAborted);
  EXPECT_EQ(service.Files(), std::set<std::string>{});
  const auto gone = client->Scan("", write.storage, {{0, 8}});
  ASSERT_FALSE(gone);
}

TEST(ServiceTest, RolledBackRangesStayOut) {
  TestService service;
  const auto client = service.Connect();
  TestWrite write{.place = service.NewPlace(), .live = {{0, 2}, {5, 6}}};
  client->Send(MessageType::kBeginWrite,
               BeginWrite{write.key, write.storage, write.place, TestFields()});
  client->Append(write.storage, 0, MakeRows(0, 4));
  client->Append(write.storage, 4, MakeRows(4, 4));
  ASSERT_TRUE(client->Prepare(write.prepare()));
  const auto committed = client->Commit(write.commit());
  ASSERT_TRUE(committed) << committed.error().message;
  client->Finish(write.key.uuid, Outcome::kCommitted);
  const std::string metadata = committed->tables[0].metadata_location;
  EXPECT_EQ(client->Rows(metadata),
            (std::vector<TestRow>{{0, "row 0"}, {1, "row 1"}, {5, "row 5"}}));
  service.ExpectSound(metadata);
}

TEST(ServiceTest, AnAbortRemovesItsFiles) {
  TestService service;
  const auto client = service.Connect();
  const TablePlace place = service.NewPlace();
  const auto created = service.Append(*client, place, "", MakeRows(0, 3));
  ASSERT_TRUE(created);
  const auto before = service.Files();
  TestWrite write{.place = place, .base = created->metadata_location, .live = {{0, 5}}};
  write.place.create = false;
  client->Send(MessageType::kBeginWrite,
               BeginWrite{write.key, write.storage, write.place, TestFields()});
  client->Append(write.storage, 0, MakeRows(10, 5));
  ASSERT_TRUE(client->Prepare(write.prepare()));
  ASSERT_TRUE(client->Commit(write.commit()));
  EXPECT_EQ(service.Files().size(), before.size() + 4);
  client->Finish(write.key.uuid, Outcome::kAborted);
  EXPECT_EQ(service.Files(), before);
  EXPECT_TRUE(service.lake().journal->Find(write.key.uuid) == std::nullopt);
  service.ExpectSound(created->metadata_location);
}

TEST(ServiceTest, WhatAnEarlierEngineHadIsLostAndToBeRetried) {
  TestService service;
  auto client = service.Connect();
  const TestWrite write{.place = service.NewPlace(), .live = {{0, 4}}};
  client->Send(MessageType::kBeginWrite,
               BeginWrite{write.key, write.storage, write.place, TestFields()});
  client->Append(write.storage, 0, MakeRows(0, 4));
  ASSERT_TRUE(client->Prepare(write.prepare()));
  service.Restart();
  client = service.Connect();
  const auto committed = client->Commit(write.commit());
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().kind, ErrorKind::kUnavailable);
  EXPECT_FALSE(committed.error().hint.empty());
  const auto prepared = client->Prepare(write.prepare());
  ASSERT_FALSE(prepared);
  EXPECT_EQ(prepared.error().kind, ErrorKind::kUnavailable);
}

}  // namespace
}  // namespace tarn::lake
