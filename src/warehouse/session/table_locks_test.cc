// SPDX-License-Identifier: Apache-2.0
#include "warehouse/session/table_locks.h"

#include <gtest/gtest.h>

#include <thread>

#include "warehouse/testing/metastore_fixture.h"

namespace tarn::warehouse {
namespace {

using std::chrono::milliseconds;

class TableLocksTest : public testing::Test {
 protected:
  std::string Take(const Uuid& owner, ObjectId table, TableLock lock,
                   milliseconds at_most = milliseconds(0)) {
    const auto taken = locks_.Take(owner, table, lock, at_most, nullptr);
    return taken ? "ok" : taken.error().sqlstate;
  }

  TableLocks locks_;
  const Uuid a_ = Uuid::Random(), b_ = Uuid::Random(), c_ = Uuid::Random();
  const ObjectId one_{20000}, two_{20001};
};

TEST_F(TableLocksTest, AppendsGoBesideChangesAndNothingBesideAnOwnState) {
  EXPECT_EQ(Take(a_, one_, TableLock::kAppend), "ok");
  EXPECT_EQ(Take(b_, one_, TableLock::kAppend), "ok");
  EXPECT_EQ(Take(c_, one_, TableLock::kChange), "ok");
  EXPECT_EQ(Take(a_, one_, TableLock::kChange), "55P03");
  EXPECT_EQ(Take(a_, one_, TableLock::kOwn), "55P03");
  EXPECT_EQ(Take(a_, two_, TableLock::kOwn), "ok");
  EXPECT_EQ(Take(b_, two_, TableLock::kAppend), "55P03");
  locks_.Release(a_);
  EXPECT_EQ(Take(b_, two_, TableLock::kAppend), "ok");
}

TEST_F(TableLocksTest, AnOwnersOwnLocksDoNotHinderIt) {
  EXPECT_EQ(Take(a_, one_, TableLock::kAppend), "ok");
  EXPECT_EQ(Take(a_, one_, TableLock::kOwn), "ok");
  EXPECT_EQ(Take(a_, one_, TableLock::kChange), "ok");
  // It is still the stronger one.
  EXPECT_EQ(Take(b_, one_, TableLock::kAppend), "55P03");
}

TEST_F(TableLocksTest, WaitsUntilReleased) {
  ASSERT_EQ(Take(a_, one_, TableLock::kChange), "ok");
  std::thread releases([&] {
    std::this_thread::sleep_for(milliseconds(30));
    locks_.Release(a_);
  });
  EXPECT_EQ(Take(b_, one_, TableLock::kChange, milliseconds(10'000)), "ok");
  releases.join();
}

TEST_F(TableLocksTest, CirclesFailAtOnce) {
  ASSERT_EQ(Take(a_, one_, TableLock::kOwn), "ok");
  ASSERT_EQ(Take(b_, two_, TableLock::kOwn), "ok");
  std::string second;
  std::thread waits([&] { second = Take(a_, two_, TableLock::kOwn, milliseconds(10'000)); });
  std::string first;
  do {
    std::this_thread::sleep_for(milliseconds(5));
    first = Take(b_, one_, TableLock::kAppend, milliseconds(10));
  } while (first == "55P03");
  EXPECT_EQ(first, "40P01");
  locks_.Release(b_);
  waits.join();
  EXPECT_EQ(second, "ok");
}

TEST_F(TableLocksTest, ACancelEndsTheWait) {
  ASSERT_EQ(Take(a_, one_, TableLock::kChange), "ok");
  const auto taken =
      locks_.Take(b_, one_, TableLock::kChange, milliseconds(60'000), [] { return true; });
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, "000604");
}

}  // namespace
}  // namespace tarn::warehouse
