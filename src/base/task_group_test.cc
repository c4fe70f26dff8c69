// SPDX-License-Identifier: Apache-2.0
#include "base/task_group.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <new>
#include <thread>

namespace tarn {
namespace {

/// Lets tasks through when as many have come as were announced.
class Meeting {
 public:
  explicit Meeting(int expected) : missing_(expected) {}
  void Join() {
    std::unique_lock lock(mutex_);
    if (--missing_ == 0) changed_.notify_all();
    changed_.wait(lock, [this] { return missing_ <= 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int missing_;
};

TEST(TaskGroupTest, TasksRunBesideEachOther) {
  WorkerPool workers(2);
  Meeting meeting(3);  // two workers and whoever waits
  TaskGroup group(&workers);
  for (int i = 0; i < 3; ++i) {
    group.Add([&]() -> Result<> {
      meeting.Join();
      return {};
    });
  }
  EXPECT_TRUE(group.Wait());
}

TEST(TaskGroupTest, WithoutWorkersTasksRunWhereTheyAreAwaited) {
  TaskGroup group(nullptr);
  std::vector<int> order;
  for (int i = 0; i < 3; ++i) {
    group.Add([&order, i]() -> Result<> {
      order.push_back(i);
      return {};
    });
  }
  EXPECT_TRUE(order.empty());
  EXPECT_TRUE(group.Wait());
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2}));
}

TEST(TaskGroupTest, TheFirstFailureCountsAndAllTasksHaveRun) {
  WorkerPool workers(2);
  TaskGroup group(&workers);
  std::atomic<int> ran = 0;
  for (int i = 0; i < 20; ++i) {
    group.Add([&ran, i]() -> Result<> {
      ++ran;
      if (i == 12) throw std::bad_alloc();
      if (i == 7) return Fail(ErrorKind::kConflict, "seven");
      return {};
    });
  }
  EXPECT_EQ(group.Wait().error().kind, ErrorKind::kConflict);
  EXPECT_EQ(ran, 20);
  EXPECT_TRUE(group.Wait()) << "the group is empty again";
}

/// A pool of one whose only worker waits for a group of its own.
TEST(TaskGroupTest, TasksMayHaveGroups) {
  WorkerPool workers(1);
  TaskGroup outer(&workers);
  std::atomic<int> ran = 0;
  for (int i = 0; i < 4; ++i) {
    outer.Add([&]() -> Result<> {
      TaskGroup inner(&workers);
      for (int j = 0; j < 4; ++j) {
        inner.Add([&]() -> Result<> {
          ++ran;
          return {};
        });
      }
      return inner.Wait();
    });
  }
  EXPECT_TRUE(outer.Wait());
  EXPECT_EQ(ran, 16);
}

TEST(TaskGroupTest, AnAbandonedGroupLeavesNoTaskBehind) {
  WorkerPool workers(2);
  for (int round = 0; round < 200; ++round) {
    std::atomic<int> running = 0;
    {
      TaskGroup group(&workers);
      for (int i = 0; i < 4; ++i) {
        group.Add([&running]() -> Result<> {
          ++running;
          std::this_thread::yield();
          --running;
          return {};
        });
      }
    }
    ASSERT_EQ(running, 0);
  }
}

}  // namespace
}  // namespace tarn
