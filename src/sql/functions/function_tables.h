// SPDX-License-Identifier: Apache-2.0
// The entries of each category, one source per topic.
#pragma once

#include <span>
#include <vector>

#include "sql/functions/function.h"

namespace tarn::sql {

std::span<const Function> AggregateFunctions();
std::span<const Function> WindowFunctions();
std::span<const Function> ConditionalFunctions();
std::span<const Function> BitwiseFunctions();
std::span<const Function> NumericFunctions();
std::span<const Function> ConversionFunctions();
std::span<const Function> TemporalFunctions();
std::span<const Function> ContextFunctions();
std::span<const Function> TextFunctions();
std::span<const Function> RegexFunctions();
std::span<const Function> SemistructuredFunctions();
std::span<const Function> GenerationFunctions();

// Parts of categories that have a source of their own.
std::vector<Function> ArrayFunctions();
std::vector<Function> ObjectFunctions();
std::vector<Function> SemistructuredAggregates();
std::vector<Function> HashFunctions();
std::vector<Function> HashAggregates();

}  // namespace tarn::sql
