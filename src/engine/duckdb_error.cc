// SPDX-License-Identifier: Apache-2.0
#include "engine/duckdb_error.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <new>
#include <string>
#include <utility>

#include "engine/fatal_error.h"

namespace tarn::engine {

namespace {

// Keys of the extra information that an exception of ours carries.
constexpr const char* kKindKey = "tarn_kind";
constexpr const char* kMessageKey = "tarn_message";
constexpr const char* kDetailKey = "tarn_detail";
constexpr const char* kHintKey = "tarn_hint";
constexpr const char* kCodeKey = "tarn_code";
constexpr const char* kSqlstateKey = "tarn_sqlstate";

std::atomic<FatalErrorHandler> g_fatal_error_handler = nullptr;

ErrorKind KindOf(duckdb::ExceptionType type) {
  switch (type) {
    case duckdb::ExceptionType::OUT_OF_MEMORY:
      return ErrorKind::kResourceExhausted;
    case duckdb::ExceptionType::INTERRUPT:
      return ErrorKind::kCancelled;
    case duckdb::ExceptionType::NOT_IMPLEMENTED:
      return ErrorKind::kUnsupported;
    case duckdb::ExceptionType::PERMISSION:
      return ErrorKind::kPermissionDenied;
    case duckdb::ExceptionType::IO:
      return ErrorKind::kUnavailable;
    default:
      return ErrorKind::kInternal;
  }
}

/// DuckDB takes its own assertions seriously: the database refuses all that comes later.
bool IsFatal(duckdb::ExceptionType type) {
  return type == duckdb::ExceptionType::FATAL || type == duckdb::ExceptionType::INTERNAL ||
         duckdb::Exception::InvalidatesDatabase(type);
}

Error FatalError(const duckdb::ErrorData& data) {
  if (const FatalErrorHandler handler = g_fatal_error_handler) handler();
  // Behind the first line is where in DuckDB it happened.
  std::string message = data.RawMessage();
  message.resize(std::min(message.find('\n'), message.size()));
  return Error{ErrorKind::kInternal, "the lake engine met an internal error and is restarted",
               std::move(message), "Repeat the statement."};
}

}  // namespace

void SetFatalErrorHandler(FatalErrorHandler handler) { g_fatal_error_handler = handler; }

bool IsContentError(duckdb::ExceptionType type) {
  using duckdb::ExceptionType;
  switch (type) {
    case ExceptionType::INVALID_INPUT:
    case ExceptionType::INVALID:
    case ExceptionType::SERIALIZATION:
    case ExceptionType::CONVERSION:
    case ExceptionType::OUT_OF_RANGE:
    case ExceptionType::INVALID_TYPE:
    case ExceptionType::IO:
      return true;
    default:
      return false;
  }
}

void ThrowError(const Error& error) {
  // A defect below DuckDB leaves as little to rely on as one of its own.
  if (error.kind == ErrorKind::kInternal) throw duckdb::InternalException(error.message);
  throw duckdb::Exception({{kKindKey, std::to_string(static_cast<int>(error.kind))},
                           {kMessageKey, error.message},
                           {kDetailKey, error.detail},
                           {kHintKey, error.hint}},
                          duckdb::ExceptionType::IO, error.message);
}

void ThrowSqlError(std::string_view code, std::string_view sqlstate, const std::string& message) {
  throw duckdb::Exception(
      {{kKindKey, std::to_string(static_cast<int>(ErrorKind::kInvalidArgument))},
       {kMessageKey, message},
       {kCodeKey, std::string(code)},
       {kSqlstateKey, std::string(sqlstate)}},
      duckdb::ExceptionType::INVALID_INPUT, message);
}

bool IsCarried(const duckdb::ErrorData& data) { return data.ExtraInfo().contains(kKindKey); }

Error ToError(const duckdb::ErrorData& data) {
  const auto& extra = data.ExtraInfo();
  if (const auto kind = extra.find(kKindKey); kind != extra.end()) {
    int number = static_cast<int>(ErrorKind::kInternal);
    std::from_chars(kind->second.data(), kind->second.data() + kind->second.size(), number);
    const auto text = [&](const char* key) {
      const auto entry = extra.find(key);
      return entry == extra.end() ? std::string() : entry->second;
    };
    return Error{static_cast<ErrorKind>(number), text(kMessageKey), text(kDetailKey),
                 text(kHintKey)};
  }
  if (IsFatal(data.Type())) return FatalError(data);
  return Error{KindOf(data.Type()), data.RawMessage(), {}, {}};
}

Error ToError(const std::exception& exception) {
  if (dynamic_cast<const std::bad_alloc*>(&exception) != nullptr) {
    return Error{ErrorKind::kResourceExhausted, "out of memory", {}, {}};
  }
  return ToError(duckdb::ErrorData(exception));
}

QueryFailure ToQueryFailure(const duckdb::ErrorData& data) {
  QueryFailure result{ToError(data), {}, {}};
  const auto& extra = data.ExtraInfo();
  if (const auto code = extra.find(kCodeKey); code != extra.end()) result.code = code->second;
  if (const auto state = extra.find(kSqlstateKey); state != extra.end()) {
    result.sqlstate = state->second;
  }
  // What DuckDB cannot convert at all is a mistake of the binder, not of the user.
  if (IsCarried(data) || data.RawMessage().starts_with("Unimplemented")) return result;
  switch (data.Type()) {
    case duckdb::ExceptionType::CONVERSION:
    case duckdb::ExceptionType::OUT_OF_RANGE:
      // What is left to DuckDB's own casts and arithmetic: numbers that do not fit their type.
      return {Error{ErrorKind::kInvalidArgument,
                    "Number out of representable range",
                    data.RawMessage().substr(0, data.RawMessage().find('\n')),
                    {}},
              "100046", "22003"};
    case duckdb::ExceptionType::INTERRUPT:
      result.error.message = "SQL execution canceled";
      result.code = "000604";
      result.sqlstate = "57014";
      return result;
    case duckdb::ExceptionType::INVALID_INPUT:
      result.error.kind = ErrorKind::kInvalidArgument;
      if (data.RawMessage().find("More than one row returned by a subquery") == 0) {
        return {Error{ErrorKind::kInvalidArgument,
                      "Single-row subquery returns more than one row.",
                      {},
                      {}},
                "090150", "22000"};
      }
      return result;
    default:
      return result;
  }
}

}  // namespace tarn::engine
