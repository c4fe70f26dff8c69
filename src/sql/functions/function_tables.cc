// SPDX-License-Identifier: Apache-2.0
#include "sql/functions/function_tables.h"

namespace tarn::sql {

std::span<const Function> FunctionsOf(FunctionCategory category) {
  switch (category) {
    case FunctionCategory::kAggregate:
      return AggregateFunctions();
    case FunctionCategory::kWindow:
      return WindowFunctions();
    case FunctionCategory::kConditional:
      return ConditionalFunctions();
    case FunctionCategory::kBitwise:
      return BitwiseFunctions();
    case FunctionCategory::kNumeric:
      return NumericFunctions();
    case FunctionCategory::kConversion:
      return ConversionFunctions();
    case FunctionCategory::kTemporal:
      return TemporalFunctions();
    case FunctionCategory::kContext:
      return ContextFunctions();
    case FunctionCategory::kText:
      return TextFunctions();
    case FunctionCategory::kRegex:
      return RegexFunctions();
    case FunctionCategory::kSemistructured:
      return SemistructuredFunctions();
    case FunctionCategory::kGeneration:
      return GenerationFunctions();
  }
  return {};
}

}  // namespace tarn::sql
