// SPDX-License-Identifier: Apache-2.0
#include "server/postgres/session_parameters.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "server/postgres/startup.h"

namespace tarn::server::postgres {
namespace {

using warehouse::StatementResult;

enum class Kind : uint8_t { kText, kBoolean, kInteger, kMilliseconds, kChoice, kFixed };

struct Parameter {
  std::string_view name;
  Kind kind = Kind::kText;
  std::string_view initial;
  bool reported = false;
  std::string_view choices = {};  ///< lower case, divided by spaces
};

constexpr std::string_view kServerVersion = "15.0";
constexpr std::string_view kIsolations =
    "serializable|repeatable read|read committed|read uncommitted";

// By name without case.
constexpr auto kParameters = std::to_array<Parameter>({
    {"application_name", Kind::kText, "", true},
    {"bytea_output", Kind::kChoice, "hex", false, "hex"},
    {"client_encoding", Kind::kText, "UTF8", true},
    {"client_min_messages", Kind::kChoice, "notice", false,
     "debug5|debug4|debug3|debug2|debug1|debug|log|notice|warning|error"},
    {"DateStyle", Kind::kText, "ISO, MDY", true},
    {"default_transaction_deferrable", Kind::kBoolean, "off"},
    {"default_transaction_isolation", Kind::kChoice, "read committed", false, kIsolations},
    {"default_transaction_read_only", Kind::kBoolean, "off", true},
    {"extra_float_digits", Kind::kInteger, "1"},
    {"idle_in_transaction_session_timeout", Kind::kMilliseconds, "0"},
    {"idle_session_timeout", Kind::kMilliseconds, "0"},
    {"in_hot_standby", Kind::kFixed, "off", true},
    {"integer_datetimes", Kind::kFixed, "on", true},
    {"IntervalStyle", Kind::kChoice, "postgres", true,
     "postgres|postgres_verbose|sql_standard|iso_8601"},
    {"is_superuser", Kind::kFixed, "off", true},
    {"jit", Kind::kBoolean, "off"},
    {"lc_collate", Kind::kFixed, "C"},
    {"lc_ctype", Kind::kFixed, "C.UTF-8"},
    {"lc_messages", Kind::kText, "C"},
    {"lc_monetary", Kind::kText, "C"},
    {"lc_numeric", Kind::kText, "C"},
    {"lc_time", Kind::kText, "C"},
    {"lock_timeout", Kind::kMilliseconds, "0"},
    {"max_identifier_length", Kind::kFixed, "255"},
    {"max_index_keys", Kind::kFixed, "32"},
    {"row_security", Kind::kBoolean, "on"},
    {"scram_iterations", Kind::kFixed, "4096", true},
    {"search_path", Kind::kText, "\"$user\", public", true},
    {"server_encoding", Kind::kFixed, "UTF8", true},
    {"server_version", Kind::kFixed, kServerVersion, true},
    {"server_version_num", Kind::kFixed, "150000"},
    {"session_authorization", Kind::kFixed, "", true},
    {"standard_conforming_strings", Kind::kBoolean, "on", true},
    {"statement_timeout", Kind::kMilliseconds, "0"},
    {"synchronous_commit", Kind::kText, "on"},
    {"tarn.json_as_text", Kind::kBoolean, "off"},
    {"tarn.status_rows", Kind::kBoolean, "off"},
    {"tarn.wide_integers_as_int8", Kind::kBoolean, "off"},
    {"TimeZone", Kind::kText, "UTC", true},
    {"transaction_deferrable", Kind::kBoolean, "off"},
    {"transaction_isolation", Kind::kChoice, "read committed", false, kIsolations},
    {"transaction_read_only", Kind::kBoolean, "off"},
    {"transaction_timeout", Kind::kMilliseconds, "0"},
    {"work_mem", Kind::kText, "4MB"},
    {"xmloption", Kind::kChoice, "content", false, "content|document"},
});

constexpr std::array<std::pair<std::string_view, int64_t>, 5> kUnits{
    {{"d", 86'400'000}, {"h", 3'600'000}, {"min", 60'000}, {"s", 1'000}, {"ms", 1}}};

const Parameter* Find(std::string_view name) {
  const std::string lower = ToLower(name);
  const auto* const found = std::ranges::find_if(
      kParameters, [&](const Parameter& parameter) { return ToLower(parameter.name) == lower; });
  return found == kParameters.end() ? nullptr : found;
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::optional<std::string> ReadBoolean(const std::string& text) {
  const auto prefix_of = [&](std::string_view word, size_t least) {
    return text.size() >= least && word.starts_with(text);
  };
  if (prefix_of("true", 1) || prefix_of("yes", 1) || text == "on" || text == "1") return "on";
  if (prefix_of("false", 1) || prefix_of("no", 1) || prefix_of("off", 2) || text == "0") {
    return "off";
  }
  return std::nullopt;
}

std::optional<int64_t> ReadInteger(std::string_view text, std::string_view& unit) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return std::nullopt;
  unit = Trim(text.substr(static_cast<size_t>(end - text.data())));
  return value;
}

/// As SHOW writes it: in the largest unit without a remainder.
std::optional<std::string> ReadMilliseconds(std::string_view text) {
  std::string_view unit;
  const auto number = ReadInteger(text, unit);
  if (!number || *number < 0) return std::nullopt;
  int64_t factor = 1;
  if (!unit.empty()) {
    const auto* const found =
        std::ranges::find(kUnits, unit, &std::pair<std::string_view, int64_t>::first);
    if (found == kUnits.end()) return std::nullopt;
    factor = found->second;
  }
  int64_t total = 0;
  if (__builtin_mul_overflow(*number, factor, &total) || total > 0x7fffffff) return std::nullopt;
  if (total == 0) return "0";
  for (const auto& [name, size] : kUnits) {
    if (total % size == 0) return fmt::format("{}{}", total / size, name);
  }
  return std::nullopt;
}

/// Only ISO is written, whatever the order in which dates are read.
std::optional<std::string> ReadDateStyle(const std::string& text) {
  std::string order = "MDY";
  size_t at = 0;
  while (at <= text.size()) {
    const size_t end = std::min(text.find(',', at), text.size());
    const std::string_view word = Trim(std::string_view(text).substr(at, end - at));
    if (word == "mdy" || word == "us" || word == "noneuro") {
      order = "MDY";
    } else if (word == "dmy" || word == "euro" || word == "european") {
      order = "DMY";
    } else if (word == "ymd") {
      order = "YMD";
    } else if (word != "iso" && word != "default") {
      return std::nullopt;
    }
    at = end + 1;
  }
  return "ISO, " + order;
}

std::optional<std::string> ReadEncoding(const std::string& text) {
  std::string name;
  for (const char c : text) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) name += c;
  }
  if (name == "utf8" || name == "unicode") return "UTF8";
  return std::nullopt;
}

/// Absent: not a value of the parameter.
std::optional<std::string> ReadValue(const Parameter& parameter, std::string_view text) {
  const std::string lower = ToLower(Trim(text));
  switch (parameter.kind) {
    case Kind::kBoolean:
      return ReadBoolean(lower);
    case Kind::kInteger: {
      std::string_view unit;
      const auto number = ReadInteger(lower, unit);
      if (!number || !unit.empty()) return std::nullopt;
      return std::to_string(*number);
    }
    case Kind::kMilliseconds:
      return ReadMilliseconds(lower);
    case Kind::kChoice: {
      const std::string all = "|" + std::string(parameter.choices) + "|";
      if (lower.empty() || all.find("|" + lower + "|") == std::string::npos) return std::nullopt;
      return lower;
    }
    case Kind::kText:
    case Kind::kFixed:
      break;
  }
  if (parameter.name == "DateStyle") return ReadDateStyle(lower);
  if (parameter.name == "client_encoding") return ReadEncoding(lower);
  return std::string(text);
}

/// A name as statements take it: what is not plain is quoted.
std::string AsIdentifier(std::string_view name) {
  const bool quoted = name.size() > 2 && name.front() == '"' && name.back() == '"' &&
                      name.substr(1, name.size() - 2).find('"') == std::string_view::npos;
  const bool plain = std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
  if (quoted || (plain && !(name[0] >= '0' && name[0] <= '9'))) return std::string(name);
  std::string out = "\"";
  for (const char c : name) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

/// The first schema of a search path that is one of the user's, as it is written there.
std::string_view FirstSchema(std::string_view path) {
  while (!path.empty()) {
    const size_t end = std::min(path.find(','), path.size());
    const std::string_view name = Trim(path.substr(0, end));
    if (!name.empty() && name != "\"$user\"" && name != "$user" && name != "pg_catalog" &&
        name != "\"\"") {
      return name;
    }
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return {};
}

}  // namespace

SessionParameters::SessionParameters(warehouse::Session& session, std::string_view version,
                                     std::string_view user)
    : session_(session), zone_name_("UTC"), zone_(TimeZone::Utc()) {
  for (const Parameter& parameter : kParameters) {
    values_[ToLower(parameter.name)] = parameter.initial;
  }
  values_["server_version"] = fmt::format("{} (Tarn {})", kServerVersion, version);
  values_["session_authorization"] = user;
  FollowSession();
  defaults_ = values_;
}

bool SessionParameters::Knows(std::string_view name) {
  return Find(name) != nullptr || name.find('.') != std::string_view::npos;
}

std::string SessionParameters::CanonicalName(std::string_view name) {
  const Parameter* const parameter = Find(name);
  return parameter != nullptr ? std::string(parameter->name) : ToLower(name);
}

StatementResult<> SessionParameters::Set(std::string_view name, std::string_view value,
                                         bool local) {
  if (!Knows(name)) {
    return FailState(sqlstate::kUndefinedObject, "unrecognized configuration parameter \"{}\"",
                     name);
  }
  const std::string key = ToLower(name);
  std::string read(value);
  if (const Parameter* const parameter = Find(name)) {
    auto checked = ReadValue(*parameter, value);
    if (parameter->kind == Kind::kFixed) {
      if (values_[key] == value) return {};
      return FailState(sqlstate::kCannotChange, "parameter \"{}\" cannot be changed",
                       parameter->name);
    }
    if (!checked) {
      return FailState(sqlstate::kInvalidParameter, "invalid value for parameter \"{}\": \"{}\"",
                       parameter->name, value);
    }
    read = std::move(*checked);
  }
  TARN_STATEMENT_TRY(Apply(key, read));
  Touch();
  if (local && in_transaction_) {
    locals_.try_emplace(key, values_[key]);
  } else {
    locals_.erase(key);
  }
  values_[key] = read;
  changed_ = true;
  return {};
}

StatementResult<> SessionParameters::Apply(std::string_view name, const std::string& value) {
  if (name == "timezone") {
    auto zone = TimeZone::Load(value);
    if (!zone) return std::unexpected(AsStatementError(std::move(zone).error()));
    TARN_STATEMENT_TRY(session_.SetParameter("TIMEZONE", value));
    zone_ = std::move(*zone);
    zone_name_ = value;
  } else if (name == "search_path") {
    // As in PostgreSQL a schema that is not there may be named; it is then not the current one.
    if (const std::string_view schema = FirstSchema(value); !schema.empty()) {
      UseSchema(AsIdentifier(schema));
    }
  }
  return {};
}

void SessionParameters::UseSchema(const std::string& schema) {
  const auto prepared = session_.Prepare("USE SCHEMA " + schema, {}, {});
  if (!prepared) return;
  const auto stream = session_.Execute(**prepared, {});
  std::vector<uint8_t> batch;
  if (stream) (void)(*stream)->Next(batch);
}

StatementResult<> SessionParameters::Reset(std::string_view name) {
  if (!Knows(name)) {
    return FailState(sqlstate::kUndefinedObject, "unrecognized configuration parameter \"{}\"",
                     name);
  }
  const auto initial = defaults_.find(ToLower(name));
  if (initial == defaults_.end()) {
    Touch();
    values_.erase(ToLower(name));
    return {};
  }
  if (const Parameter* const known = Find(name); known != nullptr && known->kind == Kind::kFixed) {
    return {};
  }
  const std::string value = initial->second;
  return Set(name, value, false);
}

void SessionParameters::ResetAll() {
  Touch();
  locals_.clear();
  Restore(defaults_);
}

void SessionParameters::Restore(const Values& values) {
  const Values before = std::exchange(values_, values);
  changed_ = true;
  for (const std::string_view name : {"timezone", "search_path"}) {
    const std::string& now = values_.find(name)->second;
    if (before.find(name)->second != now) (void)Apply(name, now);
  }
}

StatementResult<std::string> SessionParameters::Show(std::string_view name) const {
  const auto found = values_.find(ToLower(name));
  if (found == values_.end()) {
    return FailState(sqlstate::kUndefinedObject, "unrecognized configuration parameter \"{}\"",
                     name);
  }
  return found->second;
}

std::vector<std::vector<std::string>> SessionParameters::ShowAll() const {
  std::vector<std::vector<std::string>> all;
  for (const auto& [name, value] : values_) all.push_back({CanonicalName(name), value, ""});
  return all;
}

void SessionParameters::Touch() {
  // Most transactions set nothing: the copy is made by the first one that does.
  if (in_transaction_ && !saved_) saved_ = values_;
}

void SessionParameters::Commit() {
  in_transaction_ = false;
  saved_.reset();
  if (locals_.empty()) return;
  Values after = values_;
  for (const auto& [name, value] : std::exchange(locals_, {})) after[name] = value;
  Restore(after);
}

void SessionParameters::Rollback() {
  in_transaction_ = false;
  locals_.clear();
  if (!saved_) return;
  const Values saved = std::move(*saved_);
  saved_.reset();
  Restore(saved);
}

void SessionParameters::FollowSession() {
  // Snowflake's ALTER SESSION sets it too.
  const auto name = session_.Parameter("TIMEZONE");
  if (!name || *name == zone_name_) return;
  auto zone = TimeZone::Load(*name);
  if (!zone) return;
  zone_ = std::move(*zone);
  zone_name_ = *name;
  values_["timezone"] = *name;
  changed_ = true;
}

void SessionParameters::Report(MessageWriter& out) {
  FollowSession();
  if (!std::exchange(changed_, false)) return;
  for (const Parameter& parameter : kParameters) {
    if (!parameter.reported) continue;
    const auto& [name, value] = *values_.find(ToLower(parameter.name));
    const auto told = reported_.find(name);
    if (told != reported_.end() && told->second == value) continue;
    reported_[name] = value;
    out.Begin('S');
    out.CString(parameter.name);
    out.CString(value);
    out.End();
  }
}

std::shared_ptr<const TimeZone> SessionParameters::zone() {
  FollowSession();
  return zone_;
}

TypeChoices SessionParameters::type_choices() const {
  return {.wide_integers_as_int8 = is_on("tarn.wide_integers_as_int8"),
          .json_as_text = is_on("tarn.json_as_text")};
}

warehouse::Dialect SessionParameters::dialect() const {
  return {.backslash_escapes = !is_on("standard_conforming_strings")};
}

std::string_view SessionParameters::value(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::string_view() : found->second;
}

bool SessionParameters::is_on(std::string_view name) const { return value(name) == "on"; }

std::chrono::milliseconds SessionParameters::timeout(std::string_view name) const {
  std::string_view unit;
  const auto number = ReadInteger(value(name), unit);
  if (!number) return {};
  for (const auto& [known, size] : kUnits) {
    if (known == unit) return std::chrono::milliseconds(*number * size);
  }
  return std::chrono::milliseconds(*number);
}

}  // namespace tarn::server::postgres
