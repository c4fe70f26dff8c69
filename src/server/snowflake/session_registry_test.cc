// SPDX-License-Identifier: Apache-2.0
#include "server/snowflake/session_registry.h"

#include <gtest/gtest.h>

namespace tarn::server::snowflake {
namespace {

class HandClock final : public Clock {
 public:
  int64_t NowMs() const override { return now; }
  int64_t now = 1'000'000;
};

class SessionRegistryTest : public testing::Test {
 protected:
  std::shared_ptr<ClientSession> MakeSession() {
    return std::make_shared<ClientSession>(registry_.NextId(), nullptr, ClientKind{}, &workers_,
                                           &limits_);
  }
  std::string CodeOf(std::string_view token) {
    const auto found = registry_.Find(token);
    return found ? "" : found.error().code;
  }

  HandClock clock_;
  WorkerPool workers_{1};
  SpoolLimits limits_;
  SessionRegistry registry_{
      {.session = std::chrono::seconds(60), .master = std::chrono::seconds(600)}, &clock_};
};

TEST_F(SessionRegistryTest, TokensEndAndAreRenewed) {
  const auto session = MakeSession();
  const TokenPair tokens = registry_.Add(session);
  EXPECT_EQ(CodeOf(tokens.session), "");
  clock_.now += 60'000;
  EXPECT_EQ(CodeOf(tokens.session), code::kTokenExpired);
  const auto renewed = registry_.Renew(tokens.master);
  ASSERT_TRUE(renewed);
  EXPECT_EQ(renewed->first, session);
  EXPECT_EQ(CodeOf(renewed->second.session), "");
  EXPECT_NE(renewed->second.master, tokens.master);
}

TEST_F(SessionRegistryTest, TellsWhatIsWrongWithATokens) {
  const TokenPair tokens = registry_.Add(MakeSession());
  EXPECT_EQ(CodeOf("no such token"), code::kSessionGone);
  EXPECT_EQ(CodeOf(tokens.master), code::kSessionGone);
  EXPECT_EQ(registry_.Renew(tokens.session).error().code, code::kMasterInvalid);
  clock_.now += 30'000;  // before the sweep
  EXPECT_EQ(CodeOf(tokens.session), "");
}

TEST_F(SessionRegistryTest, SessionsThatNobodyUsesGo) {
  const TokenPair tokens = registry_.Add(MakeSession());
  clock_.now += 600'000;
  EXPECT_EQ(CodeOf(tokens.session), code::kSessionGone);
  EXPECT_TRUE(registry_.All().empty());
}

TEST_F(SessionRegistryTest, RemovedSessionsHaveNoTokens) {
  const auto session = MakeSession(), other = MakeSession();
  EXPECT_NE(session->id(), other->id());
  const TokenPair tokens = registry_.Add(session), others = registry_.Add(other);
  registry_.Remove(session);
  EXPECT_EQ(CodeOf(tokens.session), code::kSessionGone);
  EXPECT_EQ(CodeOf(others.session), "");
  EXPECT_EQ(registry_.All().size(), 1u);
}

}  // namespace
}  // namespace tarn::server::snowflake
