// SPDX-License-Identifier: Apache-2.0
// What a hostile or broken client can do: nothing to others.
#include <sys/stat.h>
#include <sys/un.h>

#include <cstring>
#include <random>
#include <thread>

#include "lake/testing/test_service.h"

namespace tarn::lake {
namespace {

TEST(RobustnessTest, MutatedFramesNeverHurtOthers) {
  TestService service;
  const auto steady = service.Connect();
  const TablePlace place = service.NewPlace();
  const auto created = service.Append(*steady, place, "", MakeRows(0, 3));
  ASSERT_TRUE(created);
  TestWrite write{.place = place, .base = created->metadata_location, .live = {{0, 2}}};
  write.place.create = false;

  std::vector<std::vector<uint8_t>> frames(7);
  AppendFrame(frames[0], MessageType::kHello, Hello{.database_oid = 5});
  AppendFrame(frames[1], MessageType::kBeginWrite,
              BeginWrite{write.key, write.storage, write.place, TestFields()});
  BeginFrame(frames[2], MessageType::kAppend, Append{write.storage, 0});
  const auto batch = EncodeRows(MakeRows(0, 2));
  frames[2].insert(frames[2].end(), batch.begin(), batch.end());
  FinishFrame(frames[2], 0);
  AppendFrame(frames[3], MessageType::kScanOpen,
              ScanOpen{.scan = 1,
                       .metadata_location = created->metadata_location,
                       .columns = {{TestFields()[0], {}}}});
  AppendFrame(frames[4], MessageType::kScanNext, ScanNext{1});
  AppendFrame(frames[5], MessageType::kPrepare, write.prepare());
  AppendFrame(frames[6], MessageType::kFinish, lake::Finish{write.key.uuid, Outcome::kAborted, 0});

  std::mt19937_64 random(7);
  for (int round = 0; round < 300; ++round) {
    int pair[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    service.server().Serve(pair[1]);
    FrameChannel channel(pair[0]);
    for (size_t i = 0; i < frames.size(); ++i) {
      std::vector<uint8_t> frame = frames[i];
      if (i > 0 || round % 4 == 0) {
        for (uint64_t n = random() % 4; n > 0; --n) {
          // Mostly the payload, sometimes the header.
          const size_t begin = random() % 8 == 0 ? 0 : 8;
          frame[begin + random() % (frame.size() - begin)] = static_cast<uint8_t>(random());
        }
      }
      if (!channel.Write(frame)) break;
    }
    shutdown(pair[0], SHUT_WR);
    while (const auto answer = channel.Read()) {
      if (!*answer) break;
    }
  }
  EXPECT_EQ(steady->Rows(created->metadata_location), MakeRows(0, 3));
  service.ExpectSound(created->metadata_location, true);
}

TEST(RobustnessTest, HelloComesFirstAndVersionsMustAgree) {
  TestService service;
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
  service.server().Serve(pair[1]);
  FrameChannel channel(pair[0]);
  ASSERT_TRUE(channel.WriteMessage(MessageType::kHello, Hello{.protocol_version = 999}));
  const auto answer = channel.Read();
  ASSERT_TRUE(answer && *answer);
  EXPECT_EQ((*answer)->type, MessageType::kError);
  EXPECT_FALSE(channel.Read().value()) << "closed";
}

TEST(RobustnessTest, CancelStopsAScanThatRuns) {
  TestService service;
  const auto client = service.Connect();
  TestWrite write{.place = service.NewPlace()};
  client->Send(MessageType::kBeginWrite,
               BeginWrite{write.key, write.storage, write.place, TestFields()});
  int64_t rows = 0;
  for (; rows < 400'000; rows += 20'000)
    client->Append(write.storage, rows, MakeRows(rows, 20'000));
  client->Ping();
  ScanOpen open{.scan = 3, .pending_storage = write.storage, .pending = {{0, rows}}};
  for (const Field& field : TestFields()) open.columns.push_back({field, {}});

  std::atomic<bool> done{false};
  std::atomic<uint64_t> request{1};  // the Ping
  std::thread canceller([&] {
    while (!done) {
      int pair[2];
      if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return;
      service.server().Serve(pair[1]);
      FrameChannel channel(pair[0]);
      const lake::Cancel cancel{client->hello.session, client->hello.cancel_key, request};
      if (!channel.WriteMessage(MessageType::kCancel, cancel)) return;
      (void)channel.Read();  // closed when it was done
    }
  });
  bool cancelled = false;
  for (int attempt = 0; attempt < 1000 && !cancelled; ++attempt) {
    client->Send(MessageType::kScanOpen, open);
    for (;;) {
      ++request;
      const auto answer = client->Call(MessageType::kScanNext, ScanNext{3});
      if (!answer) {
        EXPECT_EQ(answer.error().kind, ErrorKind::kCancelled) << answer.error().message;
        cancelled = true;
        break;
      }
      if (ParsePayload<ScanBatch>(answer->payload())->done) break;
    }
  }
  done = true;
  canceller.join();
  EXPECT_TRUE(cancelled);
  client->Ping();
  EXPECT_EQ(client->Rows("", write.storage, {{0, 10}}), MakeRows(0, 10));
}

TEST(RobustnessTest, AWrongKeyCancelsNothing) {
  TestService service;
  const auto client = service.Connect();
  SessionRegistry registry;
  RequestGuard request;
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
  FrameChannel channel(pair[0]);
  FrameChannel peer(pair[1]);
  const auto ticket = registry.Add(&request, &channel);
  request.Begin();
  registry.Cancel(ticket.session, ticket.cancel_key + 1, 1);
  registry.Cancel(ticket.session + 1, ticket.cancel_key, 1);
  EXPECT_TRUE(request.Check());
  registry.Cancel(ticket.session, ticket.cancel_key, 1);
  EXPECT_FALSE(request.Check());
  request.Begin();
  EXPECT_TRUE(request.Check()) << "a cancel is for the request that ran";
  registry.Remove(ticket.session);
}

TEST(RobustnessTest, ACancelHitsItsRequestAndNoOther) {
  RequestGuard request;
  request.Begin();
  request.End();
  request.Cancel(1);
  request.Begin();
  request.Cancel(1);
  EXPECT_TRUE(request.Check()) << "it came after the answer to the first";
  request.End();
  request.Cancel(3);
  request.Begin();
  EXPECT_FALSE(request.Check()) << "it came before the request";
  request.End();
  request.Begin();
  EXPECT_TRUE(request.Check());
  request.CancelAll();
  EXPECT_FALSE(request.Check());
  request.Begin();
  EXPECT_FALSE(request.Check());
}

TEST(RobustnessTest, FramesThatWouldWrapAreNotSent) {
  // The header of a payload that a frame can't hold, with some of its bytes.
  std::vector<uint8_t> frame;
  AppendFrame(frame, MessageType::kPing, ScanNext{1});
  EXPECT_TRUE(CheckFrames(frame));
  std::vector<uint8_t> two = frame;
  two.insert(two.end(), frame.begin(), frame.end());
  EXPECT_TRUE(CheckFrames(two));
  two.pop_back();
  EXPECT_FALSE(CheckFrames(two));
  const uint32_t too_many = UINT32_MAX;
  std::memcpy(frame.data(), &too_many, sizeof too_many);
  EXPECT_EQ(CheckFrames(frame).error().kind, ErrorKind::kResourceExhausted);
  EXPECT_TRUE(CheckPayloadSize(kMaxPayloadBytes));
  const auto refused = CheckPayloadSize((size_t{1} << 32) + 10);
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().message.contains("4294967306")) << refused.error().message;
}

TEST(RobustnessTest, TheSocketIsPrivateAndReplacesAStaleOne) {
  TestService service;
  storage::ScratchDirectory scratch;
  const std::string path = scratch.path() + "/run/engine.sock";
  for (int round = 0; round < 2; ++round) {
    Server server(service.lake());
    const auto listening = server.Listen(path);
    ASSERT_TRUE(listening) << listening.error().message;
    struct stat info{};
    ASSERT_EQ(stat((scratch.path() + "/run").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0700u);
    ASSERT_EQ(stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u);
    const int number = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(connect(number, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    TestClient client(number);
    client.Ping();
  }
  Server server(service.lake());
  EXPECT_EQ(server.Listen(std::string(200, 'x')).error().kind, ErrorKind::kInvalidArgument);
}

TEST(RobustnessTest, LocationsOutsideAreRefused) {
  TestService service;
  const auto client = service.Connect();
  for (const char* location : {"file:///etc", "s3://lake/../../etc", "/etc", "s3://lake"}) {
    const auto checked = client->Call(MessageType::kCheckLocation, CheckLocation{location});
    EXPECT_EQ(checked.has_value(), std::string_view(location) == "s3://lake") << location;
    TablePlace place = service.NewPlace();
    place.location = location;
    if (std::string_view(location) != "s3://lake") {
      EXPECT_FALSE(service.Append(*client, place, "", MakeRows(0, 1))) << location;
    }
  }
}

}  // namespace
}  // namespace tarn::lake
