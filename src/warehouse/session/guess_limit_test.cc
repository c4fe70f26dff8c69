// SPDX-License-Identifier: Apache-2.0
#include "warehouse/session/guess_limit.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "base/testing/manual_clock.h"

namespace tarn::warehouse {
namespace {

class GuessLimitTest : public testing::Test {
 protected:
  GuessLimit::Verdict Guess(const std::string& user, const std::string& address, bool right) {
    return limit_.Try(user, address, [right] { return right; });
  }

  ManualClock clock_{1'000'000};
  GuessLimit limit_{&clock_};
};

TEST_F(GuessLimitTest, FiveWrongOnesAreTooMany) {
  for (int i = 0; i < GuessLimit::kWrongMax; ++i) {
    const auto verdict = Guess("ann", "1", false);
    EXPECT_FALSE(verdict.right);
    EXPECT_EQ(verdict.locked_ms, 0);
  }
  const auto refused = Guess("ANN", "1", true);
  EXPECT_FALSE(refused.right) << "names are found in either case";
  EXPECT_EQ(refused.locked_ms, GuessLimit::kLockedMs);
  EXPECT_TRUE(Guess("ann", "2", true).right);
  EXPECT_TRUE(Guess("bert", "1", true).right);
  clock_.Advance(GuessLimit::kLockedMs - 1);
  EXPECT_EQ(Guess("ann", "1", true).locked_ms, 1);
  clock_.Advance(1);
  EXPECT_EQ(Guess("ann", "1", false).locked_ms, 0);
  EXPECT_TRUE(Guess("ann", "1", true).right);
}

TEST_F(GuessLimitTest, TheRightOneForgets) {
  for (int i = 0; i < GuessLimit::kWrongMax - 1; ++i) Guess("ann", "1", false);
  EXPECT_TRUE(Guess("ann", "1", true).right);
  EXPECT_FALSE(Guess("ann", "1", false).right);
  EXPECT_TRUE(Guess("ann", "1", true).right);
}

TEST_F(GuessLimitTest, ManyAtOnceAreNoMoreThanMany) {
  std::atomic<int> looked_at = 0;
  std::vector<std::thread> guessers;
  for (int i = 0; i < 4 * GuessLimit::kWrongMax; ++i) {
    guessers.emplace_back([&] {
      limit_.Try("ann", "1", [&] {
        ++looked_at;
        return false;
      });
    });
  }
  for (std::thread& guesser : guessers) guesser.join();
  EXPECT_EQ(looked_at, GuessLimit::kWrongMax);
}

/// A pool of clients begins at once.
TEST_F(GuessLimitTest, RightOnesAtOnceAreAllRight) {
  std::atomic<int> right = 0;
  std::vector<std::thread> clients;
  for (int i = 0; i < 4 * GuessLimit::kWrongMax; ++i) {
    clients.emplace_back([&] { right += Guess("ann", "1", true).right ? 1 : 0; });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(right, 4 * GuessLimit::kWrongMax);
}

}  // namespace
}  // namespace tarn::warehouse
