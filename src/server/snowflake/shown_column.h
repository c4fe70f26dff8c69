// SPDX-License-Identifier: Apache-2.0
// What clients are told of a result's columns: `rowtype` of answers, and the fields of Arrow.
#pragma once

#include <span>

#include "iceberg/json/json_text.h"
#include "server/snowflake/arrow_stream.h"
#include "warehouse/session.h"

namespace tarn::server::snowflake {

/// Digits of a second up to which values travel as one number in Arrow; above, they are structs.
inline constexpr int32_t kPlainTimestampScaleMax = 7, kPlainZonedScaleMax = 3;
/// Added to minutes east of UTC, so that they are never negative.
inline constexpr int32_t kOffsetBias = 1440;

/// "fixed", "text", …: lower case, as clients compare it.
const char* TypeNameOf(const sql::DataType& type);

/// The member `rowtype`.
void WriteRowType(std::span<const warehouse::ResultColumn> columns, iceberg::JsonText& json);

/// `as_long`: decimals of the column all fit 64 bits, and are sent so.
ArrowField ArrowFieldOf(const warehouse::ResultColumn& column, bool as_long);

}  // namespace tarn::server::snowflake
