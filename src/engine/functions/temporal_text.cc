// SPDX-License-Identifier: Apache-2.0
// tarn_to_date(text), tarn_to_time, tarn_to_timestamp: by the formats of AUTO; a time zone in the
// text is dropped. tarn_offset_instant(text): the instant of a text with an offset, else null.
// tarn_parse_timestamp(text, model, 'date' | 'time' | 'timestamp'). The same with tarn_try_: null
// where these fail.
#include <fmt/core.h>

#include <string>

#include "engine/duckdb_error.h"
#include "engine/functions/registration.h"
#include "engine/functions/row_function.h"
#include "engine/functions/timestamp_text.h"

namespace tarn::engine {

namespace {

using duckdb::LogicalType;

constexpr int64_t kMicrosPerDay = 86'400'000'000;

int64_t DayOf(int64_t micros) {
  return micros >= 0 ? micros / kMicrosPerDay : -((kMicrosPerDay - 1 - micros) / kMicrosPerDay);
}

struct Target {
  const char* name;  ///< in messages
  const char* code;
};
constexpr Target kDate{"Date", "100040"};
constexpr Target kTime{"Time", "100108"};
constexpr Target kTimestamp{"Timestamp", "100035"};

template <bool try_only>
std::optional<ParsedMoment> Parsed(std::string_view text, const Target& target) {
  auto moment = ParseMoment(text);
  const bool is_time = &target == &kTime;
  if (moment && (is_time ? moment->has_time : moment->has_date)) return moment;
  if (try_only) return std::nullopt;
  ThrowSqlError(target.code, "22007", fmt::format("{} '{}' is not recognized", target.name, text));
}

template <bool try_only>
void AddParsers(duckdb::ExtensionLoader& loader) {
  const auto name = [](const char* rest) {
    return std::string(try_only ? "tarn_try_" : "tarn_") + rest;
  };
  const LogicalType text = LogicalType::VARCHAR;
  AddFunction(loader, name("to_date").c_str(), {text}, LogicalType::DATE,
              [](const RowArguments& row) -> std::optional<duckdb::date_t> {
                const auto moment = Parsed<try_only>(row.Text(0), kDate);
                if (!moment) return std::nullopt;
                return duckdb::date_t(static_cast<int32_t>(DayOf(moment->micros)));
              });
  AddFunction(loader, name("to_time").c_str(), {text}, LogicalType::TIME,
              [](const RowArguments& row) -> std::optional<duckdb::dtime_t> {
                const auto moment = Parsed<try_only>(row.Text(0), kTime);
                if (!moment) return std::nullopt;
                return duckdb::dtime_t(moment->micros - DayOf(moment->micros) * kMicrosPerDay);
              });
  AddFunction(loader, name("to_timestamp").c_str(), {text}, LogicalType::TIMESTAMP,
              [](const RowArguments& row) -> std::optional<duckdb::timestamp_t> {
                const auto moment = Parsed<try_only>(row.Text(0), kTimestamp);
                if (!moment) return std::nullopt;
                return duckdb::timestamp_t(moment->micros);
              });
  AddFunction(loader, name("parse_timestamp").c_str(), {text, text, text}, LogicalType::TIMESTAMP,
              [](const RowArguments& row) -> std::optional<duckdb::timestamp_t> {
                const auto moment = ParseMoment(row.Text(0), row.Text(1));
                if (moment) return duckdb::timestamp_t(moment->micros);
                if (try_only) return std::nullopt;
                ThrowSqlError("100096", "22007",
                              fmt::format("Can't parse '{}' as {} with format '{}'", row.Text(0),
                                          row.Text(2), row.Text(1)));
              });
}

}  // namespace

void RegisterTemporalText(duckdb::ExtensionLoader& loader) {
  AddParsers<false>(loader);
  AddParsers<true>(loader);
  const LogicalType text = LogicalType::VARCHAR;
  AddFunction(loader, "tarn_offset_instant", {text}, LogicalType::TIMESTAMP_TZ,
              [](const RowArguments& row) -> std::optional<duckdb::timestamp_tz_t> {
                const auto moment = ParseMoment(row.Text(0));
                if (!moment || !moment->offset_minutes) return std::nullopt;
                return duckdb::timestamp_tz_t(moment->micros -
                                              *moment->offset_minutes * int64_t{60'000'000});
              });
}

}  // namespace tarn::engine
