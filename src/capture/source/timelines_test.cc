// SPDX-License-Identifier: Apache-2.0
#include "capture/source/timelines.h"

#include <gtest/gtest.h>

namespace tarn::capture {
namespace {

using Ends = std::map<int64_t, Lsn>;

TEST(Timelines, AHistoryTellsWhereEachEnded) {
  // A file of a server that was recovered twice (PostgreSQL 17, 00000003.history).
  EXPECT_EQ(ParseTimelineHistory("1\t0/50001C0\tno recovery target specified\n\n"
                                 "2\t1/A\tbefore 2024-01-01 00:00:00+00\n"),
            (Ends{{1, Lsn(0x50001C0)}, {2, Lsn(0x10000000A)}}));
}

TEST(Timelines, CommentsAndWhatIsNoHistoryTellNothing) {
  EXPECT_EQ(ParseTimelineHistory("# none\n\nx\n7\n8\tnowhere\treason\n"), Ends());
  EXPECT_EQ(ParseTimelineHistory(""), Ends());
}

}  // namespace
}  // namespace tarn::capture
