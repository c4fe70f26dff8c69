// SPDX-License-Identifier: Apache-2.0
#include "capture/source/copy_frames.h"

#include <gtest/gtest.h>

namespace tarn::capture {
namespace {

using namespace std::string_literals;  // NOLINT

const std::string kHeader = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0"s;
const std::string kTrailer = "\377\377"s;
const std::string kRows = "\0\2\0\0\0\3abc\377\377\377\377"s + "\0\2\0\0\0\0\0\0\0\1x"s;

/// "abc,NULL;": what is found when the stream comes in pieces of that size.
Result<std::string> Read(const std::string& stream, size_t piece, size_t columns = 2) {
  CopyFrames frames(columns);
  std::string read;
  for (size_t at = 0; at < stream.size(); at += piece) {
    // Gone when the next one comes.
    const std::string bytes = stream.substr(at, piece);
    frames.Append(bytes);
    while (true) {
      TARN_ASSIGN(const auto* fields, frames.Next());
      if (fields == nullptr) break;
      for (const CopyField& field : *fields) {
        read += field.is_null ? "NULL" : std::string(field.bytes);
        read += ',';
      }
      read += ';';
    }
  }
  if (frames.finished()) read += "end";
  return read;
}

TEST(CopyFramesTest, TuplesInPiecesOfAnySize) {
  const std::string stream = kHeader + kRows + kTrailer;
  for (size_t piece = 1; piece <= stream.size(); ++piece) {
    EXPECT_EQ(Read(stream, piece).value(), "abc,NULL,;,x,;end") << piece;
  }
}

TEST(CopyFramesTest, NothingIsAnEndButTheTrailer) {
  EXPECT_EQ(Read(kHeader + kTrailer, 5).value(), "end");
  EXPECT_EQ(Read(kHeader, 100).value(), "");
  EXPECT_EQ(Read(kHeader + kRows.substr(0, 16), 3).value(), "abc,NULL,;");
}

TEST(CopyFramesTest, ExtensionsAndFlagsThatDoNotMatterArePassedOver) {
  const std::string header = "PGCOPY\n\377\r\n\0\0\0\0\1\0\0\0\3xyz"s;
  EXPECT_EQ(Read(header + kRows + kTrailer, 1).value(), "abc,NULL,;,x,;end");
}

TEST(CopyFramesTest, MalformedStreams) {
  const std::vector<std::string> streams = {
      "PGCOPX\n\377\r\n\0\0\0\0\0\0\0\0\0"s,
      "PGCOPY\n\377\r\n\0\0\1\0\0\0\0\0\0"s,
      "PGCOPY\n\377\r\n\0\0\0\0\0\377\377\377\377"s,
      kHeader + "\0\3\0\0\0\0\0\0\0\0\0\0\0\0"s,
      kHeader + "\377\376"s,
      kHeader + "\0\2\377\377\377\376"s,
      kHeader + kTrailer + "x",
  };
  for (const std::string& stream : streams) {
    for (const size_t piece : {size_t{1}, stream.size()}) {
      const auto read = Read(stream, piece);
      ASSERT_FALSE(read.has_value()) << testing::PrintToString(stream);
      EXPECT_EQ(read.error().kind, ErrorKind::kCorruption);
    }
  }
}

TEST(CopyFramesTest, RowsWithoutColumns) {
  EXPECT_EQ(Read(kHeader + "\0\0\0\0"s + kTrailer, 3, 0).value(), ";;end");
}

}  // namespace
}  // namespace tarn::capture
