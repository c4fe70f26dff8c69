// SPDX-License-Identifier: Apache-2.0
// Dates and times as PostgreSQL's send and output functions give them (date.c, timestamp.c): days
// or microseconds since 2000-01-01, the least and the greatest number being the infinities.
//
// What fits is what the connector's documentation says, years to 9999, and from year 1 on, where
// the calendar of Iceberg's readers begins. Everything else fails the table.
#include <limits>

#include "base/calendar.h"
#include "capture/source/wire_reader.h"
#include "capture/values/decoder_kinds.h"
#include "capture/values/temporal_text.h"

namespace tarn::capture {
namespace {

constexpr int64_t kPostgresEpochDays = 10'957;  // 2000-01-01 since 1970-01-01
constexpr int64_t kPostgresEpochMicros = kPostgresEpochDays * kMicrosPerDay;
constexpr int64_t kFirstDay = -719'162;  // 0001-01-01
constexpr int64_t kLastDay = 2'932'896;  // 9999-12-31
constexpr int64_t kFirstMicros = kFirstDay * kMicrosPerDay;
constexpr int64_t kEndMicros = (kLastDay + 1) * kMicrosPerDay;
constexpr std::string_view kWhatFits = "Years 1 to 9999 fit.";
constexpr std::string_view kLateInfinity = "infinity", kEarlyInfinity = "-infinity";

bool IsInfinity(std::string_view text) { return text == kLateInfinity || text == kEarlyInfinity; }

class DateDecoder : public ValueDecoder {
 public:
  Result<> AppendBinary(std::string_view value, ColumnBuilder& out) const override {
    if (value.size() != sizeof(int32_t)) return MalformedValue("date");
    const auto days = LoadBigEndian<int32_t>(value.data());
    if (days == std::numeric_limits<int32_t>::max()) return DoesNotFit(kLateInfinity);
    if (days == std::numeric_limits<int32_t>::min()) return DoesNotFit(kEarlyInfinity);
    return Append(days + kPostgresEpochDays, out);
  }
  Result<> AppendText(std::string_view value, ColumnBuilder& out) const override {
    if (IsInfinity(value)) return DoesNotFit(value);
    TemporalText text(value);
    const bool bc = text.TakeEra();
    const int64_t days = text.TakeDate(bc);
    if (!text.finished()) return MalformedValue("date");
    return Append(days, out);
  }
  bool takes_binary() const override { return true; }

 private:
  static std::unexpected<Error> DoesNotFit(std::string_view value) {
    return ValueDoesNotFit("date", value, "DATE", kWhatFits);
  }
  static Result<> Append(int64_t days, ColumnBuilder& out) {
    if (days < kFirstDay || days > kLastDay) return DoesNotFit(DateText(days));
    out.AppendValue(static_cast<int32_t>(days));
    return {};
  }
};

/// Of timetz, the time that its clock shows, as PostgreSQL's cast to time has it.
class TimeDecoder : public ValueDecoder {
 public:
  explicit TimeDecoder(bool has_zone) : has_zone_(has_zone) {}
  Result<> AppendBinary(std::string_view value, ColumnBuilder& out) const override {
    if (value.size() != sizeof(int64_t) + (has_zone_ ? sizeof(int32_t) : 0)) {
      return MalformedValue("time");
    }
    return Append(LoadBigEndian<int64_t>(value.data()), out);
  }
  Result<> AppendText(std::string_view value, ColumnBuilder& out) const override {
    TemporalText text(value);
    const int64_t micros = text.TakeTime();
    if (has_zone_) (void)text.TakeZone();
    if (!text.finished()) return MalformedValue("time");
    return Append(micros, out);
  }
  bool takes_binary() const override { return true; }

 private:
  static Result<> Append(int64_t micros, ColumnBuilder& out) {
    if (micros < 0 || micros > kMicrosPerDay) return MalformedValue("time");
    if (micros == kMicrosPerDay) {
      return ValueDoesNotFit("time", "24:00:00", "TIME", "A day ends before that.");
    }
    out.AppendValue(micros);
    return {};
  }

  bool has_zone_;
};

/// Reads both kinds of timestamps, and leaves to `Column` what becomes of the microseconds.
template <typename Column>
class TimestampDecoder : public ValueDecoder {
 public:
  Result<> AppendBinary(std::string_view value, ColumnBuilder& out) const override {
    if (value.size() != sizeof(int64_t)) return MalformedValue("timestamp");
    const auto micros = LoadBigEndian<int64_t>(value.data());
    if (micros == std::numeric_limits<int64_t>::max()) return DoesNotFit(kLateInfinity);
    if (micros == std::numeric_limits<int64_t>::min()) return DoesNotFit(kEarlyInfinity);
    // Counted from 1970, PostgreSQL's last years are too many microseconds.
    if (micros >= kEndMicros - kPostgresEpochMicros) {
      return DoesNotFit(TimestampText(kPostgresEpochDays, micros));
    }
    return Append(micros + kPostgresEpochMicros, out);
  }
  Result<> AppendText(std::string_view value, ColumnBuilder& out) const override {
    if (IsInfinity(value)) return DoesNotFit(value);
    TemporalText text(value);
    const bool bc = text.TakeEra();
    const int64_t days = text.TakeDate(bc);
    text.TakeBlank();
    const int64_t time = text.TakeTime();
    const int64_t zone = Column::kHasZone ? text.TakeZone() : 0;
    if (!text.finished()) return MalformedValue("timestamp");
    if (days < kFirstDay - 1 || days > kLastDay + 1) return DoesNotFit(value);
    return Append(days * kMicrosPerDay + time - zone * kMicrosPerSecond, out);
  }
  bool takes_binary() const override { return true; }

 private:
  static std::unexpected<Error> DoesNotFit(std::string_view value) {
    return ValueDoesNotFit(Column::kType, value, Column::kTarget, kWhatFits);
  }
  static Result<> Append(int64_t micros, ColumnBuilder& out) {
    if (micros < kFirstMicros || micros >= kEndMicros) return DoesNotFit(TimestampText(0, micros));
    Column::Append(micros, out);
    return {};
  }
};

struct LocalColumn {
  static constexpr bool kHasZone = false;
  static constexpr std::string_view kType = "timestamp", kTarget = "TIMESTAMP_NTZ";
  static void Append(int64_t micros, ColumnBuilder& out) { out.AppendValue(micros); }
};

/// Of a mirror: the instant.
struct InstantColumn {
  static constexpr bool kHasZone = true;
  static constexpr std::string_view kType = "timestamptz", kTarget = "TIMESTAMP_LTZ";
  static void Append(int64_t micros, ColumnBuilder& out) { out.AppendValue(micros); }
};

/// Seconds of the instant, nanoseconds behind them, minutes east of UTC: PostgreSQL keeps no zone.
struct ZonedColumn {
  static constexpr bool kHasZone = true;
  static constexpr std::string_view kType = "timestamptz", kTarget = "TIMESTAMP_TZ";
  static void Append(int64_t micros, ColumnBuilder& out) {
    constexpr int32_t kNanosPerMicro = 1000;
    int64_t seconds = micros / kMicrosPerSecond;
    auto rest = static_cast<int32_t>(micros % kMicrosPerSecond);
    if (rest < 0) {
      rest += static_cast<int32_t>(kMicrosPerSecond);
      --seconds;
    }
    out.child(0).AppendValue(seconds);
    out.child(1).AppendValue(rest * kNanosPerMicro);
    out.child(2).AppendValue(int32_t{0});
    out.AppendStruct();
  }
};

}  // namespace

std::unique_ptr<ValueDecoder> MakeDateDecoder() { return std::make_unique<DateDecoder>(); }

std::unique_ptr<ValueDecoder> MakeTimeDecoder(bool has_zone) {
  return std::make_unique<TimeDecoder>(has_zone);
}

std::unique_ptr<ValueDecoder> MakeTimestampDecoder() {
  return std::make_unique<TimestampDecoder<LocalColumn>>();
}

std::unique_ptr<ValueDecoder> MakeTimestampTzDecoder() {
  return std::make_unique<TimestampDecoder<ZonedColumn>>();
}

std::unique_ptr<ValueDecoder> MakeInstantDecoder() {
  return std::make_unique<TimestampDecoder<InstantColumn>>();
}

}  // namespace tarn::capture
