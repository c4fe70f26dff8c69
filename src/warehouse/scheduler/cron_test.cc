// SPDX-License-Identifier: Apache-2.0
// Expected moments are of the documentation's words and examples ("CREATE TASK"), written in UTC.
#include "warehouse/scheduler/cron.h"

#include <gmock/gmock.h>

#include "base/calendar.h"
#include "warehouse/testing/metastore_fixture.h"

namespace tarn::warehouse {
namespace {

using testing::ElementsAre;

constexpr int64_t kHourMs = 3'600'000, kMinuteMs = 60'000, kDayMs = 24 * kHourMs;

int64_t Utc(int64_t year, int32_t month, int32_t day, int64_t hour = 0, int64_t minute = 0) {
  return DaysFromCivil({year, month, day}) * kDayMs + hour * kHourMs + minute * kMinuteMs;
}
std::string Text(int64_t ms) {
  const CivilDate date = CivilFromDays(ms / kDayMs);
  return fmt::format("{}-{:02}-{:02} {:02}:{:02}", date.year, date.month, date.day,
                     ms % kDayMs / kHourMs, ms % kHourMs / kMinuteMs);
}
/// All moments in (after, until], oldest first.
std::vector<std::string> Moments(const std::string& expression, int64_t after, int64_t until) {
  const CronSchedule schedule = Must(CronSchedule::Parse(expression));
  std::vector<std::string> moments;
  while (const auto newest = schedule.Newest(after, until)) {
    moments.insert(moments.begin(), Text(*newest));
    until = *newest - 1;
  }
  return moments;
}

TEST(CronScheduleTest, FieldsRestrict) {
  EXPECT_THAT(Moments("* * * * * UTC", Utc(2026, 1, 1), Utc(2026, 1, 1, 0, 3)),
              ElementsAre("2026-01-01 00:01", "2026-01-01 00:02", "2026-01-01 00:03"));
  EXPECT_THAT(
      Moments("0,30 9-10 * * * UTC", Utc(2026, 1, 1), Utc(2026, 1, 2)),
      ElementsAre("2026-01-01 09:00", "2026-01-01 09:30", "2026-01-01 10:00", "2026-01-01 10:30"));
  EXPECT_THAT(Moments("5/25 0 1 1 * UTC", Utc(2026, 1, 1), Utc(2026, 2, 1)),
              ElementsAre("2026-01-01 00:05", "2026-01-01 00:30", "2026-01-01 00:55"));
  EXPECT_THAT(Moments("0 */8 1 feb * UTC", Utc(2026, 1, 1), Utc(2026, 12, 31)),
              ElementsAre("2026-02-01 00:00", "2026-02-01 08:00", "2026-02-01 16:00"));
  EXPECT_THAT(
      Moments("0 0 * * mon-tue UTC", Utc(2026, 11, 29), Utc(2026, 12, 8)),
      ElementsAre("2026-11-30 00:00", "2026-12-01 00:00", "2026-12-07 00:00", "2026-12-08 00:00"));
}

// "if 4/3 is specified in the month field, then the task is scheduled for April, July and October"
TEST(CronScheduleTest, StepsBeginAnewEachYear) {
  EXPECT_THAT(
      Moments("0 0 1 4/3 * UTC", Utc(2025, 12, 1), Utc(2027, 4, 2)),
      ElementsAre("2026-04-01 00:00", "2026-07-01 00:00", "2026-10-01 00:00", "2027-04-01 00:00"));
}

// "the last Friday (5L) of a given month"; "In the day-of-month field, it specifies the last day"
TEST(CronScheduleTest, TheLastOfAMonth) {
  EXPECT_THAT(Moments("0 2 L * * UTC", Utc(2024, 1, 1), Utc(2024, 4, 1)),
              ElementsAre("2024-01-31 02:00", "2024-02-29 02:00", "2024-03-31 02:00"));
  EXPECT_THAT(Moments("0 0 * * 5L UTC", Utc(2026, 1, 1), Utc(2026, 3, 1)),
              ElementsAre("2026-01-30 00:00", "2026-02-27 00:00"));
  EXPECT_THAT(Moments("0 0 * * FRIL UTC", Utc(2026, 1, 1), Utc(2026, 2, 1)),
              ElementsAre("2026-01-30 00:00"));
}

// "0 0 10-20 * TUE,THU UTC": on any 10th to 20th day, and on Tuesdays and Thursdays outside.
TEST(CronScheduleTest, DaysOfMonthAndWeekAreEither) {
  EXPECT_THAT(Moments("0 0 10-12 * TUE,THU UTC", Utc(2026, 9, 1, 1), Utc(2026, 9, 16)),
              ElementsAre("2026-09-03 00:00", "2026-09-08 00:00", "2026-09-10 00:00",
                          "2026-09-11 00:00", "2026-09-12 00:00", "2026-09-15 00:00"));
}

// "0 1 * * * America/Los_Angeles would run twice" in autumn, "0 2 … would not run at all" in
// spring.
TEST(CronScheduleTest, DaylightSavingTime) {
  EXPECT_THAT(Moments("0 1 * * * America/Los_Angeles", Utc(2026, 10, 31, 12), Utc(2026, 11, 2)),
              ElementsAre("2026-11-01 08:00", "2026-11-01 09:00"));
  EXPECT_THAT(Moments("0 2 * * * America/Los_Angeles", Utc(2026, 3, 7), Utc(2026, 3, 10)),
              ElementsAre("2026-03-07 10:00", "2026-03-09 09:00"));
  EXPECT_THAT(Moments("0 9 * * * Europe/Berlin", Utc(2026, 3, 28), Utc(2026, 3, 30)),
              ElementsAre("2026-03-28 08:00", "2026-03-29 07:00"));
  // East and west of the date line.
  EXPECT_THAT(Moments("0 0 1 * * Pacific/Kiritimati", Utc(2026, 1, 1), Utc(2026, 2, 2)),
              ElementsAre("2026-01-31 10:00"));
  EXPECT_THAT(Moments("30 23 31 1 * Pacific/Honolulu", Utc(2026, 1, 1), Utc(2026, 2, 2)),
              ElementsAre("2026-02-01 09:30"));
}

// Minute by minute, as the words define it.
TEST(CronScheduleTest, IsWhatTheClockShows) {
  const auto zone = TimeZone::Load("America/Los_Angeles").value();
  const CronSchedule schedule =
      Must(CronSchedule::Parse("7-59/13 0-3 * * SUN America/Los_Angeles"));
  for (const int64_t begin : {Utc(2026, 3, 6), Utc(2026, 10, 30)}) {
    std::optional<int64_t> expected;
    for (int64_t now = begin; now < begin + 5 * kDayMs; now += kMinuteMs) {
      const int64_t wall = now + zone->OffsetAt(now / 1000) * int64_t{1000};
      const int64_t minute = wall % kHourMs / kMinuteMs;
      const bool due = WeekdayOf(wall / kDayMs) == 0 && wall % kDayMs / kHourMs <= 3 &&
                       minute >= 7 && (minute - 7) % 13 == 0;
      if (due) expected = now;
      ASSERT_EQ(schedule.Newest(begin - 1, now), expected) << Text(now);
    }
  }
}

TEST(CronScheduleTest, WhatIsNoneIsRefused) {
  for (const char* wrong : {"",
                            "* * * * *",
                            "* * * * * Nowhere/Else",
                            "60 * * * * UTC",
                            "* 24 * * * UTC",
                            "* * 0 * * UTC",
                            "* * 32 * * UTC",
                            "* * * 0 * UTC",
                            "* * * 13 * UTC",
                            "* * * * 7 UTC",
                            "* * * * L UTC",
                            "-1 * * * * UTC",
                            "5-1 * * * * UTC",
                            "*/0 * * * * UTC",
                            "1, * * * * UTC",
                            "a * * * * UTC",
                            "* * * * * UTC UTC",
                            "1/99999999999999999999 * * * * UTC",
                            "* * * JANUARY * UTC",
                            "* * LL * * UTC",
                            "* L * * * UTC"}) {
    EXPECT_FALSE(CronSchedule::Parse(wrong)) << wrong;
  }
  EXPECT_TRUE(CronSchedule::Parse("0/18446744073709551615 * * * * UTC"));
}

}  // namespace
}  // namespace tarn::warehouse
