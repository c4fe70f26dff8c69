// SPDX-License-Identifier: Apache-2.0
#include "server/dashboard/sign_ins.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "base/testing/manual_clock.h"

namespace tarn::server::dashboard {
namespace {

class SignInsTest : public testing::Test {
 protected:
  SignInsTest()
      : file_(std::filesystem::path(testing::TempDir()) /
              fmt::format("sign-ins-{}-{}", getpid(),
                          testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::remove(file_);
  }
  ~SignInsTest() override { std::filesystem::remove(file_); }

  std::unique_ptr<SignIns> Open() {
    auto opened = SignIns::Open(file_, &clock_);
    EXPECT_TRUE(opened.has_value());
    return std::move(*opened);
  }

  const std::filesystem::path file_;
  ManualClock clock_{1'000'000};
};

TEST_F(SignInsTest, OutliveTheServerUntilTheyAreOver) {
  const auto token = Open()->Add({.user = "ann", .role = "clerk", .password_mark = "m"});
  ASSERT_TRUE(token.has_value());
  const auto again = Open();
  const auto found = again->Find(*token);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->user + found->role + found->password_mark, "annclerkm");
  EXPECT_FALSE(again->Find("another").has_value());
  clock_.Advance(SignIns::kLastsMs - 1);
  EXPECT_TRUE(again->Find(*token).has_value());
  clock_.Advance(1);
  EXPECT_FALSE(again->Find(*token).has_value());
}

TEST_F(SignInsTest, WhoSignedOutStaysOut) {
  const auto first = Open();
  const auto token = first->Add({.user = "ann"}), other = first->Add({.user = "bert"});
  ASSERT_TRUE(first->Remove(*token).has_value());
  EXPECT_FALSE(first->Find(*token).has_value());
  EXPECT_FALSE(Open()->Find(*token).has_value());
  EXPECT_TRUE(Open()->Find(*other).has_value());
}

TEST_F(SignInsTest, AFileOfSomethingElseIsNobodysSignIn) {
  for (const char* const text : {"", "{}", "[1]", R"([{"token": 5}])", "\xff"}) {
    std::ofstream(file_) << text;
    const auto opened = Open();
    EXPECT_FALSE(opened->Find("").has_value()) << text;
    EXPECT_TRUE(opened->Add({.user = "ann"}).has_value()) << text;
  }
}

}  // namespace
}  // namespace tarn::server::dashboard
