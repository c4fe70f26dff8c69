// SPDX-License-Identifier: Apache-2.0
// Dates and times.
#include <algorithm>
#include <array>
#include <utility>

#include "sql/bind/bind_failure.h"
#include "sql/bind/coercion.h"
#include "sql/functions/entry.h"
#include "sql/functions/function_tables.h"

namespace tarn::sql {

using bound::Expression;

namespace {

constexpr auto kCategory = FunctionCategory::kTemporal;

struct PartNames {
  std::string_view part;   ///< as DuckDB calls it
  std::string_view names;  ///< between blanks
};

constexpr std::array kParts = {
    PartNames{"year", " year y yy yyy yyyy yr years yrs "},
    PartNames{"quarter", " quarter q qtr qtrs quarters "},
    PartNames{"month", " month mm mon mons months "},
    PartNames{"week", " week w wk weekofyear woy wy weeks "},
    PartNames{"weekiso", " week_iso weekiso weekofyeariso weekofyear_iso "},
    PartNames{"day", " day d dd days dayofmonth "},
    PartNames{"dow", " dayofweek weekday dow dw "},
    PartNames{"isodow", " weekday_iso dayofweek_iso dow_iso dw_iso dayofweekiso "},
    PartNames{"doy", " dayofyear yearday doy dy "},
    PartNames{"isoyear", " yearofweek yearofweekiso "},
    PartNames{"hour", " hour h hh hr hours hrs "},
    PartNames{"minute", " minute m mi min minutes mins "},
    PartNames{"second", " second s sec seconds secs "},
    PartNames{"millisecond", " millisecond ms msec milliseconds "},
    PartNames{"microsecond", " microsecond us usec microseconds "},
    PartNames{"nanosecond", " nanosecond ns nsec nanosec nsecond nanoseconds nanosecs nseconds "},
    PartNames{"timezone_hour", " timezone_hour tzh "},
    PartNames{"timezone_minute", " timezone_minute tzm "},
    PartNames{"epoch_second", " epoch_second epoch epoch_seconds "},
    PartNames{"epoch_millisecond", " epoch_millisecond epoch_milliseconds "},
    PartNames{"epoch_microsecond", " epoch_microsecond epoch_microseconds "},
    PartNames{"epoch_nanosecond", " epoch_nanosecond epoch_nanoseconds "},
};

std::string_view PartOf(const FunctionContext& context, const Expression& value) {
  const auto* text = std::get_if<std::string>(&value.constant);
  const auto part = text == nullptr ? std::nullopt : DatePart(*text);
  if (!part) {
    FailBinding("001044", "42P13", "'{}' is not a valid date/time component for function {}",
                text == nullptr ? "?" : *text, context.name);
  }
  return *part;
}

DataType Ntz() { return TypeOfKind(DataTypeKind::kTimestampNtz, 9); }

Expression ToInteger(Expression value, TypeKind carrier) {
  return WithCarrier(Convert(ToNumeric(std::move(value)), NumberType(18, 0)),
                     Type::Primitive(carrier));
}

/// A text is a timestamp.
Expression ToMoment(Expression value) {
  if (IsTemporal(value.type)) return value;
  return Convert(std::move(value), Ntz());
}

bool IsDayOrMore(std::string_view part) {
  return part == "year" || part == "quarter" || part == "month" || part == "week" || part == "day";
}

}  // namespace

std::optional<std::string_view> DatePart(std::string_view unit) {
  std::string key = " ";
  for (const char c : unit) {
    key.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  key.push_back(' ');
  const auto found = std::ranges::find_if(kParts, [&](const PartNames& names) {
    return names.names.find(key) != std::string_view::npos;
  });
  if (found == kParts.end() || key.size() < 3) return std::nullopt;
  return found->part;
}

Expression AddToDate(std::string_view part, Expression amount, Expression date) {
  date = ToMoment(std::move(date));
  if (date.type.kind == DataTypeKind::kTimestampTz) {
    Expression moved = AddToDate(part, std::move(amount), ClockOf(date));
    return WithOffsetOf(std::move(moved), std::move(date));
  }
  amount = ToInteger(std::move(amount), TypeKind::kLong);
  std::string interval;
  if (part == "year") interval = "to_months(CAST({1} * 12 AS INTEGER))";
  if (part == "quarter") interval = "to_months(CAST({1} * 3 AS INTEGER))";
  if (part == "month") interval = "to_months(CAST({1} AS INTEGER))";
  if (part == "week") interval = "to_days(CAST({1} * 7 AS INTEGER))";
  if (part == "day") interval = "to_days(CAST({1} AS INTEGER))";
  if (part == "hour") interval = "to_hours({1})";
  if (part == "minute") interval = "to_minutes({1})";
  if (part == "second") interval = "to_seconds({1})";
  if (part == "millisecond") interval = "to_microseconds({1} * 1000)";
  if (part == "microsecond") interval = "to_microseconds({1})";
  if (part == "nanosecond") interval = "to_microseconds({1} // 1000)";
  if (interval.empty()) FailUnsupported("DATEADD of {}", part);
  if (date.type.kind == DataTypeKind::kDate && !IsDayOrMore(part)) {
    date = Convert(std::move(date), Ntz());
  }
  const DataType type = date.type;
  const std::string sum = "({0} + " + interval + ")";
  return Call("DATEADD", type.kind == DataTypeKind::kDate ? "CAST(" + sum + " AS DATE)" : sum,
              {std::move(date), std::move(amount)}, type);
}

namespace {

Expression BindDateAdd(const FunctionContext& context, std::vector<Expression> arguments) {
  return AddToDate(PartOf(context, arguments[0]), std::move(arguments[1]), std::move(arguments[2]));
}

/// Boundaries between the two; DuckDB's weeks are spans of seven days.
Expression BindDateDiff(const FunctionContext& context, std::vector<Expression> arguments) {
  const std::string_view part = PartOf(context, arguments[0]);
  std::vector<Expression> ends = {ToMoment(std::move(arguments[1])),
                                  ToMoment(std::move(arguments[2]))};
  // Moments with an offset are compared where UTC is.
  for (Expression& end : ends) {
    if (end.type.kind != DataTypeKind::kTimestampTz) continue;
    end = Call("utc", "(tarn_zoned_instant({0}) AT TIME ZONE 'UTC')", {std::move(end)}, Ntz());
  }
  if (ends[0].type.kind != ends[1].type.kind) {
    for (Expression& end : ends) end = Convert(std::move(end), Ntz(), CastMode::kExplicit);
  }
  std::string pattern = fmt::format("date_diff('{}', {{0}}, {{1}})", part);
  if (part == "week") {
    pattern =
        "CAST((CAST(date_trunc('week', {1}) AS DATE) - CAST(date_trunc('week', {0}) AS DATE)) // 7 "
        "AS BIGINT)";
  } else if (part == "nanosecond") {
    pattern = "(date_diff('microsecond', {0}, {1}) * 1000)";
  } else if (!IsDayOrMore(part) && part.find("epoch") == std::string_view::npos) {
    if (ends[0].type.kind == DataTypeKind::kDate) {
      for (Expression& end : ends) end = Convert(std::move(end), Ntz());
    }
  }
  return Call("DATEDIFF", std::move(pattern), std::move(ends), NumberType(18, 0));
}

Expression BindDateTrunc(const FunctionContext& context, std::vector<Expression> arguments) {
  const std::string_view part = PartOf(context, arguments[0]);
  Expression date = std::move(arguments[1]);
  if (!IsTemporal(date.type)) {
    FailBinding("001044", "42P13", "Invalid argument types for function 'DATE_TRUNC': ({}, {})",
                ToString(arguments[0].type), ToString(date.type));
  }
  const DataType type = date.type;
  if (type.kind == DataTypeKind::kTimestampTz) {
    Expression truncated =
        Call("DATE_TRUNC", fmt::format("date_trunc('{}', {{0}})", part), {ClockOf(date)}, Ntz());
    return WithOffsetOf(std::move(truncated), std::move(date));
  }
  if (type.kind == DataTypeKind::kDate && !IsDayOrMore(part)) return date;
  std::string pattern = fmt::format("date_trunc('{}', {{0}})", part);
  if (type.kind == DataTypeKind::kDate) pattern = "CAST(" + pattern + " AS DATE)";
  if (type.kind == DataTypeKind::kTime) {
    pattern = fmt::format("CAST(date_trunc('{}', DATE '1970-01-01' + {{0}}) AS TIME)", part);
  }
  return Call("DATE_TRUNC", std::move(pattern), {std::move(date)}, type);
}

/// Minutes east of UTC, of a timestamp with a zone.
Expression OffsetPart(std::string_view part, Expression date) {
  if (date.type.kind == DataTypeKind::kTimestampLtz) {
    date = Convert(std::move(date), TypeOfKind(DataTypeKind::kTimestampTz, 9));
  }
  if (date.type.kind != DataTypeKind::kTimestampTz) {
    FailBinding("001044", "42P13", "{} is a part of timestamps with a time zone only", part);
  }
  return Call(
      "DATE_PART",
      part == "timezone_hour" ? "(tarn_zoned_offset({0}) // 60)" : "(tarn_zoned_offset({0}) % 60)",
      {std::move(date)}, NumberType(18, 0));
}

Expression PartOfDate(std::string_view part, Expression date) {
  date = ToMoment(std::move(date));
  if (part.starts_with("timezone")) return OffsetPart(part, std::move(date));
  if (date.type.kind == DataTypeKind::kTimestampTz) {
    date = part.starts_with("epoch")
               ? Convert(std::move(date), TypeOfKind(DataTypeKind::kTimestampLtz, 9))
               : ClockOf(std::move(date));
  }
  std::string pattern = fmt::format("CAST(date_part('{}', {{0}}) AS BIGINT)", part);
  if (part == "weekiso") pattern = "CAST(date_part('week', {0}) AS BIGINT)";
  if (part == "nanosecond")
    pattern = "CAST((date_part('microsecond', {0}) % 1000000) * 1000 AS BIGINT)";
  if (part == "epoch_second") pattern = "CAST(floor(epoch_us({0}) / 1000000) AS BIGINT)";
  if (part == "epoch_millisecond") pattern = "CAST(floor(epoch_us({0}) / 1000) AS BIGINT)";
  if (part == "epoch_microsecond") pattern = "epoch_us({0})";
  if (part == "epoch_nanosecond") pattern = "(epoch_us({0}) * 1000)";
  return Call("DATE_PART", std::move(pattern), {std::move(date)}, NumberType(18, 0));
}

Expression BindDatePart(const FunctionContext& context, std::vector<Expression> arguments) {
  return PartOfDate(PartOf(context, arguments[0]), std::move(arguments[1]));
}

/// YEAR(d) and its like.
Expression BindNamedPart(const FunctionContext& context, std::vector<Expression> arguments) {
  return PartOfDate(*DatePart(context.name), std::move(arguments[0]));
}

Expression BindLastDay(const FunctionContext& context, std::vector<Expression> arguments) {
  const std::string_view part = arguments.size() > 1 ? PartOf(context, arguments[1]) : "month";
  Expression date = Convert(ToMoment(std::move(arguments[0])), DateType(), CastMode::kExplicit);
  std::string pattern = "last_day({0})";
  if (part == "year") pattern = "make_date(date_part('year', {0}), 12, 31)";
  if (part == "quarter")
    pattern = "last_day(CAST(date_trunc('quarter', {0}) + to_months(2) AS DATE))";
  if (part == "week") pattern = "(CAST(date_trunc('week', {0}) AS DATE) + 6)";
  return Call("LAST_DAY", std::move(pattern), {std::move(date)}, DateType());
}

Expression BindNeighbourDay(const FunctionContext& context, std::vector<Expression> arguments) {
  constexpr std::array<std::string_view, 7> kDays = {"mo", "tu", "we", "th", "fr", "sa", "su"};
  const auto* text = std::get_if<std::string>(&arguments[1].constant);
  std::string name = text == nullptr ? "" : text->substr(0, 2);
  for (char& c : name) c = static_cast<char>(c | 0x20);
  const auto day = std::ranges::find(kDays, name);
  if (day == kDays.end()) {
    FailBinding("001044", "42P13", "Invalid day of week for function {}", context.name);
  }
  const auto number = static_cast<int>(day - kDays.begin()) + 1;
  Expression date = Convert(ToMoment(std::move(arguments[0])), DateType(), CastMode::kExplicit);
  const std::string pattern =
      context.name == "NEXT_DAY"
          ? fmt::format("({{0}} + CAST(({} - isodow({{0}}) + 6) % 7 + 1 AS INTEGER))", number)
          : fmt::format("({{0}} - CAST((isodow({{0}}) - {} + 6) % 7 + 1 AS INTEGER))", number);
  return Call(std::string(context.name), pattern, {std::move(date)}, DateType());
}

/// The last day of a month stays one.
Expression BindAddMonths(const FunctionContext& context, std::vector<Expression> arguments) {
  Expression date = ToMoment(std::move(arguments[0]));
  if (date.type.kind == DataTypeKind::kTimestampTz) {
    Expression moved = BindAddMonths(context, {ClockOf(date), std::move(arguments[1])});
    return WithOffsetOf(std::move(moved), std::move(date));
  }
  const DataType type = date.type;
  const bool is_date = type.kind == DataTypeKind::kDate;
  const std::string moved = "{0} + to_months(CAST({1} AS INTEGER))";
  const std::string pattern = is_date
                                  ? "CASE WHEN {0} = last_day({0}) THEN last_day(" + moved +
                                        ") ELSE CAST(" + moved + " AS DATE) END"
                                  : "CASE WHEN CAST({0} AS DATE) = last_day({0}) THEN last_day(" +
                                        moved + ") + CAST({0} AS TIME) ELSE " + moved + " END";
  return Call("ADD_MONTHS", pattern,
              {std::move(date), ToInteger(std::move(arguments[1]), TypeKind::kLong)}, type);
}

/// A text by a model; where both say an offset, it is kept or makes the instant.
Expression FromModel(Expression text, Expression model, const DataType& type, CastMode mode) {
  const char* kind = type.kind == DataTypeKind::kDate   ? "date"
                     : type.kind == DataTypeKind::kTime ? "time"
                                                        : "timestamp";
  Expression moment = Call("cast",
                           fmt::format("tarn_{}parse_timestamp({{0}}, {{1}}, '{}')",
                                       mode == CastMode::kTry ? "try_" : "", kind),
                           {text, model}, Ntz());
  moment.nullable = true;
  if (type.kind == DataTypeKind::kTimestampNtz) return moment;
  Expression converted = Convert(std::move(moment), type, CastMode::kExplicit);
  if (!IsTimestamp(type)) return converted;
  const char* pattern = type.kind == DataTypeKind::kTimestampTz
                            ? "coalesce(tarn_zoned_of_model({1}, {2}), {0})"
                            : "coalesce(tarn_zoned_instant(tarn_zoned_of_model({1}, {2})), {0})";
  return Call("cast", pattern, {std::move(converted), std::move(text), std::move(model)}, type);
}

Expression BindToTemporal(const FunctionContext& context, std::vector<Expression> arguments) {
  std::string_view name = context.name;
  const CastMode mode = name.starts_with("TRY_") ? CastMode::kTry : CastMode::kExplicit;
  if (mode == CastMode::kTry) name.remove_prefix(4);
  if (name.starts_with("TO_")) name.remove_prefix(3);
  DataType type = Ntz();
  if (name == "DATE") type = DateType();
  if (name == "TIME") type = TypeOfKind(DataTypeKind::kTime, 9);
  if (name == "TIMESTAMP_LTZ") type = TypeOfKind(DataTypeKind::kTimestampLtz, 9);
  if (name == "TIMESTAMP_TZ") type = TypeOfKind(DataTypeKind::kTimestampTz, 9);
  Expression value = std::move(arguments[0]);
  if (arguments.size() > 1 && value.type.kind == DataTypeKind::kVarchar) {
    return FromModel(std::move(value), Convert(std::move(arguments[1]), VarcharType()), type, mode);
  }
  if (arguments.size() > 1 && value.type.kind == DataTypeKind::kNull) {
    return Convert(std::move(value), type);
  }
  if (arguments.size() > 1) {
    const auto* scale = std::get_if<int32_t>(&arguments[1].constant);
    if (scale == nullptr || *scale < 0 || *scale > 9) FailUnsupported("scale of {}", context.name);
    int64_t unit = 1;
    for (int32_t i = 0; i < *scale; ++i) unit *= 10;
    value = Divide(Convert(ToNumeric(std::move(value)), NumberType(27, 9)),
                   Constant(unit, NumberType(10, 0), Type::Primitive(TypeKind::kLong)));
  }
  // All digits: an instant, also in a text (engine/functions/timestamp_text.h).
  return Convert(std::move(value), type, mode);
}

Expression BindTimeSlice(const FunctionContext& context, std::vector<Expression> arguments) {
  const std::string_view part = PartOf(context, arguments[2]);
  const auto* edge =
      arguments.size() > 3 ? std::get_if<std::string>(&arguments[3].constant) : nullptr;
  const bool end = edge != nullptr && (*edge == "END" || *edge == "end");
  Expression date = ToMoment(std::move(arguments[0]));
  const DataType type = date.type;
  Expression moment = Convert(std::move(date), Ntz(), CastMode::kExplicit);
  Expression amount = ToInteger(std::move(arguments[1]), TypeKind::kLong);
  const bool months = part == "year" || part == "quarter" || part == "month";
  const char* factor = part == "year" ? "12" : part == "quarter" ? "3" : "1";
  std::string width = months ? fmt::format("to_months(CAST({{1}} * {} AS INTEGER))", factor)
                      : part == "week"   ? "to_days(CAST({1} * 7 AS INTEGER))"
                      : part == "day"    ? "to_days(CAST({1} AS INTEGER))"
                      : part == "hour"   ? "to_hours({1})"
                      : part == "minute" ? "to_minutes({1})"
                                         : "to_seconds({1})";
  const char* origin = part == "week" ? "1969-12-29" : "1970-01-01";
  std::string pattern = fmt::format("time_bucket({}, {{0}}, TIMESTAMP '{}')", width, origin);
  if (end) pattern = "(" + pattern + " + " + width + ")";
  Expression slice = Call("TIME_SLICE", pattern, {std::move(moment), std::move(amount)}, Ntz());
  return Convert(std::move(slice), type, CastMode::kExplicit);
}

/// CONVERT_TIMEZONE([from,] to, timestamp): with `from` between clocks, else of an instant, whose
/// offset there is kept.
Expression BindConvertTimezone(const FunctionContext&, std::vector<Expression> arguments) {
  if (arguments.size() == 3) {
    return Call("CONVERT_TIMEZONE", "timezone({1}, timezone({0}, {2}))",
                {Convert(std::move(arguments[0]), VarcharType()),
                 Convert(std::move(arguments[1]), VarcharType()),
                 Convert(std::move(arguments[2]), Ntz(), CastMode::kExplicit)},
                Ntz());
  }
  Expression moment = std::move(arguments[1]);
  if (moment.type.kind == DataTypeKind::kVarchar) {
    moment = Convert(std::move(moment), TypeOfKind(DataTypeKind::kTimestampTz, 9));
  }
  moment = Convert(std::move(moment), TypeOfKind(DataTypeKind::kTimestampLtz, 9));
  return Call("CONVERT_TIMEZONE", "tarn_zoned(timezone({0}, {1}), timezone('UTC', {1}))",
              {Convert(std::move(arguments[0]), VarcharType()), std::move(moment)},
              TypeOfKind(DataTypeKind::kTimestampTz, 9));
}

/// TIMESTAMP_LTZ_FROM_PARTS(year, month, day, hour, minute, second [, nanosecond]), and of TZ with
/// a zone behind.
Expression BindFromParts(const FunctionContext& context, std::vector<Expression> arguments) {
  const bool zoned = context.name.find("TZ") != std::string_view::npos &&
                     context.name.find("NTZ") == std::string_view::npos &&
                     context.name.find("LTZ") == std::string_view::npos;
  std::optional<Expression> zone;
  if (zoned && arguments.size() == 8) {
    zone = Convert(std::move(arguments.back()), VarcharType());
    arguments.pop_back();
  }
  for (Expression& argument : arguments) argument = ToInteger(std::move(argument), TypeKind::kLong);
  std::string pattern =
      "make_date({0}, 1, 1) + to_months(CAST({1} - 1 AS INTEGER)) + to_days(CAST({2} - 1 AS "
      "INTEGER)) + to_hours({3}) + to_minutes({4}) + to_seconds({5})";
  if (arguments.size() > 6) pattern += " + to_microseconds({6} // 1000)";
  Expression clock =
      Call(std::string(context.name), "(" + pattern + ")", std::move(arguments), Ntz());
  if (zone) {
    return Call(std::string(context.name), "tarn_zoned({0}, timezone('UTC', timezone({1}, {0})))",
                {std::move(clock), *std::move(zone)}, TypeOfKind(DataTypeKind::kTimestampTz, 9));
  }
  if (zoned) return Convert(std::move(clock), TypeOfKind(DataTypeKind::kTimestampTz, 9));
  if (context.name.find("LTZ") != std::string_view::npos) {
    return Convert(std::move(clock), TypeOfKind(DataTypeKind::kTimestampLtz, 9));
  }
  return clock;
}

}  // namespace

std::span<const Function> TemporalFunctions() {
  static const std::vector<Function> kFunctions = {
      BoundEntry(kCategory, "DATEADD TIMEADD TIMESTAMPADD", BindDateAdd, 3, 3,
                 "DATEADD(MONTH, 1, '2023-01-31'::DATE)", "2023-02-28"),
      BoundEntry(
          kCategory, "DATEDIFF TIMEDIFF TIMESTAMPDIFF", BindDateDiff, 3, 3,
          "DATEDIFF(YEAR, '2010-04-09 14:39:20'::TIMESTAMP, '2013-05-08 23:39:20'::TIMESTAMP)",
          "3"),
      BoundEntry(kCategory, "DATE_TRUNC", BindDateTrunc, 2, 2,
                 "DATE_TRUNC('MONTH', '2024-05-08'::DATE)", "2024-05-01"),
      BoundEntry(kCategory, "DATE_PART", BindDatePart, 2, 2,
                 "DATE_PART(QUARTER, '2024-04-08'::DATE)", "2"),
      BoundEntry(kCategory,
                 "YEAR MONTH QUARTER DAY DAYOFMONTH DAYOFYEAR HOUR MINUTE SECOND DAYOFWEEK "
                 "DAYOFWEEKISO WEEK "
                 "WEEKOFYEAR WEEKISO YEAROFWEEK YEAROFWEEKISO",
                 BindNamedPart, 1, 1, "YEAR('2024-04-08'::DATE)", "2024"),
      BoundEntry(kCategory, "LAST_DAY", BindLastDay, 1, 2, "LAST_DAY('2015-05-08'::DATE)",
                 "2015-05-31"),
      BoundEntry(kCategory, "NEXT_DAY PREVIOUS_DAY", BindNeighbourDay, 2, 2,
                 "NEXT_DAY('2024-05-08'::DATE, 'Friday')", "2024-05-10"),
      BoundEntry(kCategory, "ADD_MONTHS", BindAddMonths, 2, 2, "ADD_MONTHS('2016-02-29'::DATE, 1)",
                 "2016-03-31"),
      Entry(kCategory, "MONTHS_BETWEEN", "dd", "f",
            "round(CASE WHEN day({0}) = day({1}) OR ({0} = last_day({0}) AND {1} = last_day({1})) "
            "THEN "
            "CAST((year({0}) - year({1})) * 12 + month({0}) - month({1}) AS DOUBLE) ELSE "
            "(year({0}) - year({1})) * "
            "12 + month({0}) - month({1}) + (day({0}) - day({1})) / 31.0 END, 6)",
            "MONTHS_BETWEEN('2019-03-15'::DATE, '2019-02-15'::DATE)", "1"),
      Entry(kCategory, "DAYNAME", "T", "s", "left(dayname({0}), 3)", "DAYNAME('2015-05-01'::DATE)",
            "Fri"),
      Entry(kCategory, "MONTHNAME", "T", "s", "left(monthname({0}), 3)",
            "MONTHNAME('2015-05-01'::DATE)", "May"),
      Entry(kCategory, "DATE_FROM_PARTS DATEFROMPARTS", "iii", "d",
            "(CAST(make_date({0}, 1, 1) + to_months(CAST({1} - 1 AS INTEGER)) AS DATE) + CAST({2} "
            "- 1 AS INTEGER))",
            "DATE_FROM_PARTS(2004, 1, -1)", "2003-12-30"),
      BoundEntry(kCategory,
                 "TIMESTAMP_FROM_PARTS TIMESTAMP_NTZ_FROM_PARTS TIMESTAMPFROMPARTS "
                 "TIMESTAMPNTZFROMPARTS TIMESTAMP_LTZ_FROM_PARTS TIMESTAMPLTZFROMPARTS "
                 "TIMESTAMP_TZ_FROM_PARTS TIMESTAMPTZFROMPARTS",
                 BindFromParts, 6, 8, "TIMESTAMP_FROM_PARTS(2013, 4, 5, 12, 0, -3600)",
                 "2013-04-05 11:00:00.000"),
      Entry(kCategory, "TIMESTAMP_FROM_PARTS TIMESTAMP_NTZ_FROM_PARTS", "dm", "t", "({0} + {1})",
            "TIMESTAMP_NTZ_FROM_PARTS('2013-04-05'::DATE, '12:00:00'::TIME)",
            "2013-04-05 12:00:00.000"),
      Entry(kCategory, "TIME_FROM_PARTS TIMEFROMPARTS", "iiii?", "m",
            "CAST(DATE '1970-01-01' + to_hours({0}) + to_minutes({1}) + to_seconds({2}) + "
            "to_microseconds({3|CAST(0 AS BIGINT)} // 1000) AS TIME)",
            "TIME_FROM_PARTS(12, 34, 56)", "12:34:56"),
      BoundEntry(kCategory, "TO_DATE DATE TRY_TO_DATE", BindToTemporal, 1, 2,
                 "TO_DATE('05-Mar-2024')", "2024-03-05"),
      BoundEntry(kCategory, "TO_TIME TIME TRY_TO_TIME", BindToTemporal, 1, 2, "TO_TIME('13:30:00')",
                 "13:30:00"),
      BoundEntry(
          kCategory,
          "TO_TIMESTAMP TO_TIMESTAMP_NTZ TRY_TO_TIMESTAMP TRY_TO_TIMESTAMP_NTZ TO_TIMESTAMP_LTZ "
          "TRY_TO_TIMESTAMP_LTZ TO_TIMESTAMP_TZ TRY_TO_TIMESTAMP_TZ",
          BindToTemporal, 1, 2, "TO_TIMESTAMP(1487654321)", "2017-02-21 05:18:41.000"),
      BoundEntry(kCategory, "TIME_SLICE", BindTimeSlice, 3, 4,
                 "TIME_SLICE('2019-02-28'::DATE, 4, 'MONTH', 'START')", "2019-01-01"),
      BoundEntry(kCategory, "CONVERT_TIMEZONE", BindConvertTimezone, 2, 3,
                 "CONVERT_TIMEZONE('America/Los_Angeles', 'America/New_York', '2024-01-01 "
                 "14:00:00'::TIMESTAMP_NTZ)",
                 "2024-01-01 17:00:00.000"),
      BoundEntry(kCategory, "CONVERT_TIMEZONE", BindConvertTimezone, 2, 2,
                 "CONVERT_TIMEZONE('America/New_York', '2024-04-05 12:00:00 +02:00')::VARCHAR",
                 "2024-04-05 06:00:00.000 -0400"),
  };
  return kFunctions;
}

}  // namespace tarn::sql
