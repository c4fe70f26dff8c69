// SPDX-License-Identifier: Apache-2.0
// Every function's example gives what its entry says.
#include <gtest/gtest.h>

#include "sql/functions/function.h"
#include "sql/testing/query_fixture.h"

namespace tarn::sql {

namespace {

class FunctionExamplesTest : public QueryFixture,
                             public testing::WithParamInterface<FunctionCategory> {};

TEST_P(FunctionExamplesTest, GiveTheirAnswers) {
  for (const Function& function : FunctionsOf(GetParam())) {
    ASSERT_FALSE(function.example.empty()) << function.names;
    EXPECT_EQ(Value(std::string(function.example)), function.answer) << function.example << "\n"
                                                                     << printed_;
  }
}

INSTANTIATE_TEST_SUITE_P(All, FunctionExamplesTest,
                         testing::Values(FunctionCategory::kAggregate, FunctionCategory::kWindow,
                                         FunctionCategory::kConditional, FunctionCategory::kBitwise,
                                         FunctionCategory::kNumeric, FunctionCategory::kConversion,
                                         FunctionCategory::kTemporal, FunctionCategory::kContext,
                                         FunctionCategory::kText, FunctionCategory::kRegex,
                                         FunctionCategory::kSemistructured,
                                         FunctionCategory::kGeneration),
                         [](const auto& info) {
                           return "Category" + std::to_string(static_cast<int>(info.param));
                         });

}  // namespace

}  // namespace tarn::sql
