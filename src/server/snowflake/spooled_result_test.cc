// SPDX-License-Identifier: Apache-2.0
#include "server/snowflake/spooled_result.h"

#include <gtest/gtest.h>

#include "server/snowflake/arrow_rows.h"
#include "server/snowflake/json_rows.h"

namespace tarn::server::snowflake {
namespace {

std::vector<uint8_t> BatchOf(const std::vector<int64_t>& numbers) {
  const BatchView view{.rows = static_cast<int64_t>(numbers.size()),
                       .columns = {{.rows = static_cast<int64_t>(numbers.size()),
                                    .values = reinterpret_cast<const uint8_t*>(numbers.data()),
                                    .values_bytes = numbers.size() * sizeof(int64_t)}}};
  std::vector<uint8_t> bytes;
  EncodeBatch(view, bytes);
  return bytes;
}

class SpooledResultTest : public testing::Test {
 protected:
  SpooledResultTest() { limits_.directory = testing::TempDir(); }

  SpooledResult Make() {
    return SpooledResult({{.name = "N",
                           .type = {sql::DataTypeKind::kNumber, 18, 0},
                           .carrier = Type::Primitive(TypeKind::kLong)}},
                         &limits_);
  }
  static std::string RowsOf(const SpooledResult& result) {
    std::string rows;
    for (const ResultPart& part : result.parts()) {
      const auto text = JsonRowsOf(result, part);
      EXPECT_TRUE(text);
      rows += "|" + text.value_or("");
    }
    return rows;
  }

  SpoolLimits limits_;
};

TEST_F(SpooledResultTest, SmallResultsStayInMemory) {
  {
    SpooledResult result = Make();
    ASSERT_TRUE(result.Append(BatchOf({1, -2})));
    result.Finish();
    EXPECT_EQ(RowsOf(result), R"(|["1"],["-2"])");
    EXPECT_EQ(limits_.memory, result.bytes());
    EXPECT_EQ(limits_.files, 0);
  }
  EXPECT_EQ(limits_.memory, 0);
}

TEST_F(SpooledResultTest, LargeResultsGoToAFileInParts) {
  limits_.result_memory_max = 100;
  limits_.inline_bytes = 200;
  limits_.part_bytes = 200;
  {
    SpooledResult result = Make();
    for (int64_t i = 0; i < 5; ++i) ASSERT_TRUE(result.Append(BatchOf({i})));
    result.Finish();
    EXPECT_EQ(RowsOf(result), R"(|["0"],["1"]|["2"],["3"]|["4"])");
    EXPECT_EQ(result.rows(), 5);
    EXPECT_EQ(limits_.memory, 0);
    EXPECT_EQ(limits_.files, result.bytes());
  }
  EXPECT_EQ(limits_.files, 0);
}

TEST_F(SpooledResultTest, TheFirstPartMayBeEmpty) {
  limits_.inline_bytes = 1;
  SpooledResult result = Make();
  ASSERT_TRUE(result.Append(BatchOf({1})));
  result.Finish();
  EXPECT_EQ(RowsOf(result), R"(||["1"])");
}

TEST_F(SpooledResultTest, FilesHaveALimit) {
  limits_.result_memory_max = 0;
  limits_.files_max = 100;
  SpooledResult result = Make();
  ASSERT_TRUE(result.Append(BatchOf({1})));
  const auto more = result.Append(BatchOf({1}));
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().kind, ErrorKind::kResourceExhausted);
}

TEST_F(SpooledResultTest, RefusesDamagedBatches) {
  SpooledResult result = Make();
  std::vector<uint8_t> batch = BatchOf({1, 2});
  batch.resize(batch.size() - 8);
  EXPECT_FALSE(result.Append(batch));
}

/// What readers check of a stream is in tests/snowflake: pyarrow reads it.
TEST_F(SpooledResultTest, ArrowStreamsAreAligned) {
  SpooledResult result = Make();
  ASSERT_TRUE(result.Append(BatchOf({1, 2, 3})));
  result.Finish();
  const auto stream = ArrowStreamOf(result, result.parts().front());
  ASSERT_TRUE(stream);
  EXPECT_EQ(stream->size() % 8, 0u);
  EXPECT_EQ(stream->substr(0, 4), "\xff\xff\xff\xff");
  EXPECT_EQ(stream->substr(stream->size() - 8), std::string("\xff\xff\xff\xff\0\0\0\0", 8));
}

}  // namespace
}  // namespace tarn::server::snowflake
