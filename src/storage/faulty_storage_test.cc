// SPDX-License-Identifier: Apache-2.0
#include "storage/faulty_storage.h"

#include <gtest/gtest.h>

#include "storage/testing/scratch_directory.h"

namespace tarn::storage {
namespace {

class FaultyStorageTest : public testing::Test {
 protected:
  std::unique_ptr<Storage> Open(std::string_view plan) {
    auto inner = OpenLocalStorage({.buckets_directory = scratch_.path()});
    EXPECT_TRUE(inner);
    auto parsed = ParseFaultPlan(plan);
    EXPECT_TRUE(parsed) << parsed.error().message;
    return MakeFaultyStorage(std::move(*inner), *parsed);
  }
  Result<std::string> ReadBack(const char* location) { return Open("")->Read(location); }

  ScratchDirectory scratch_;
};

TEST_F(FaultyStorageTest, WithoutRulesItIsTransparent) {
  const auto storage = Open("");
  ASSERT_TRUE(storage->Put("s3://b/k", "text", PutMode::kIfAbsent));
  EXPECT_EQ(storage->Read("s3://b/k").value(), "text");
  EXPECT_EQ(storage->Head("s3://b/k")->size_bytes, 4);
  EXPECT_TRUE(storage->Delete("s3://b/k"));
}

TEST_F(FaultyStorageTest, FailBeforeHasNoEffect) {
  const auto storage = Open("close@0=before");
  EXPECT_EQ(storage->Put("s3://b/k", "text", PutMode::kIfAbsent).error().kind,
            ErrorKind::kUnavailable);
  EXPECT_EQ(ReadBack("s3://b/k").error().kind, ErrorKind::kNotFound);
  EXPECT_TRUE(storage->Put("s3://b/k", "text", PutMode::kIfAbsent)) << "only the first close fails";
}

TEST_F(FaultyStorageTest, FailAfterHasItsEffect) {
  const auto storage = Open("close@0=after;delete@0=after");
  EXPECT_EQ(storage->Put("s3://b/k", "text", PutMode::kIfAbsent).error().kind,
            ErrorKind::kCommitStateUnknown);
  EXPECT_EQ(ReadBack("s3://b/k").value(), "text");
  EXPECT_EQ(storage->Delete("s3://b/k").error().kind, ErrorKind::kUnavailable);
  EXPECT_EQ(ReadBack("s3://b/k").error().kind, ErrorKind::kNotFound);
}

TEST_F(FaultyStorageTest, TornWritePublishesAPrefix) {
  const auto storage = Open("close:*/k@0=torn");
  EXPECT_TRUE(storage->Put("s3://b/other", "text", PutMode::kIfAbsent));
  EXPECT_EQ(storage->Put("s3://b/k", "0123456789", PutMode::kIfAbsent).error().kind,
            ErrorKind::kCommitStateUnknown);
  EXPECT_EQ(ReadBack("s3://b/k").value(), "01234");
}

TEST_F(FaultyStorageTest, FullDisk) {
  const auto storage = Open("append@*=full");
  EXPECT_EQ(storage->Put("s3://b/k", "x", PutMode::kReplace).error().kind,
            ErrorKind::kResourceExhausted);
  EXPECT_FALSE(ReadBack("s3://b/k"));
}

TEST_F(FaultyStorageTest, RulesCountWhatTheyMatch) {
  const auto storage = Open("open:*.avro@1=before;read@*=delay(1)");
  ASSERT_TRUE(storage->Put("s3://b/a.avro", "x", PutMode::kIfAbsent));
  ASSERT_TRUE(storage->Put("s3://b/a.json", "x", PutMode::kIfAbsent));
  EXPECT_TRUE(storage->Read("s3://b/a.avro"));
  EXPECT_TRUE(storage->Read("s3://b/a.json"));
  EXPECT_FALSE(storage->Read("s3://b/a.avro"));
  EXPECT_TRUE(storage->Read("s3://b/a.avro"));
}

TEST(FaultPlanTest, OrdinalsCountTheWholeStorage) {
  ScratchDirectory scratch;
  auto inner = OpenLocalStorage({.buckets_directory = scratch.path()});
  ASSERT_TRUE(inner);
  std::vector<Operation> seen;
  const auto storage = MakeFaultyStorage(
      std::move(*inner), [&seen](int64_t ordinal, Operation operation, std::string_view) {
        EXPECT_EQ(ordinal, static_cast<int64_t>(seen.size()));
        seen.push_back(operation);
        return Fault{};
      });
  ASSERT_TRUE(storage->Put("s3://b/k", "x", PutMode::kIfAbsent));
  ASSERT_TRUE(storage->Read("s3://b/k"));
  EXPECT_EQ(seen, (std::vector<Operation>{Operation::kCreate, Operation::kAppend, Operation::kStage,
                                          Operation::kClose, Operation::kOpen, Operation::kRead}));
}

TEST(FaultPlanTest, MalformedPlansAreRefused) {
  for (const char* text :
       {"close", "close@1", "close=torn", "close@x=torn", "shut@1=torn", "close@1=bang",
        "close@1=delay", "close@1=delay(x)", "close@-1=torn", "close@1=torn;;"}) {
    const auto plan = ParseFaultPlan(text);
    ASSERT_FALSE(plan) << text;
    EXPECT_EQ(plan.error().kind, ErrorKind::kInvalidArgument);
  }
}

}  // namespace
}  // namespace tarn::storage
