// SPDX-License-Identifier: Apache-2.0
#include "rest/idempotency.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>

namespace tarn::rest {
namespace {

class IdempotentAnswersTest : public testing::Test {
 protected:
  static Response Throws() { throw std::runtime_error("out of luck"); }
  static Response Created() { return {.status = 200, .headers = {}, .body = "made"}; }

  SystemClock clock_;
  IdempotentAnswers answers_{&clock_, 60'000};
};

TEST_F(IdempotentAnswersTest, ARequestThatThrowsFreesItsKey) {
  EXPECT_THROW(answers_.Once("k", "a", Throws), std::runtime_error);
  EXPECT_EQ(answers_.Once("k", "b", Created).body, "made");
  EXPECT_EQ(answers_.Once("k", "a", Created).status, 422);
}

TEST_F(IdempotentAnswersTest, WhoWaitsForARequestThatThrowsIsNext) {
  std::thread waiting;
  const auto throws_later = [&]() -> Response {
    waiting = std::thread([&] { EXPECT_EQ(answers_.Once("k", "a", Created).body, "made"); });
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    return Throws();
  };
  EXPECT_THROW(answers_.Once("k", "a", throws_later), std::runtime_error);
  waiting.join();
}

}  // namespace
}  // namespace tarn::rest
