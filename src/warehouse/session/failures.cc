// SPDX-License-Identifier: Apache-2.0
#include "warehouse/session/failures.h"

#include <algorithm>
#include <cctype>

namespace tarn::warehouse {
namespace {

constexpr size_t kCodeDigits = 6;
constexpr size_t kStateLength = 5;
constexpr std::string_view kHeading = "SQL compilation error:\n";

/// 10,800
std::string WithThousands(int64_t number) {
  const std::string digits = std::to_string(number);
  std::string text;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

}  // namespace

StatementError FromSyntax(Error error) {
  StatementError result{.error = std::move(error)};
  const std::string& message = result.error.message;
  // "001003 (42000): "
  constexpr size_t kBegin = kCodeDigits + 2 + kStateLength + 3;
  const bool coded = message.size() >= kBegin &&
                     std::all_of(message.begin(), message.begin() + kCodeDigits,
                                 [](unsigned char c) { return std::isdigit(c) != 0; }) &&
                     message.compare(kCodeDigits, 2, " (") == 0 &&
                     message.compare(kCodeDigits + 2 + kStateLength, 3, "): ") == 0;
  if (!coded) return result;
  result.code = message.substr(0, kCodeDigits);
  result.sqlstate = message.substr(kCodeDigits + 2, kStateLength);
  result.error.message = message.substr(kBegin);
  return result;
}

StatementError FromSql(sql::SqlError error) {
  return {.error = std::move(error.error),
          .code = std::move(error.code),
          .sqlstate = std::move(error.sqlstate),
          .position = error.position};
}

StatementError FromQuery(engine::QueryFailure failure) {
  if (failure.error.kind == ErrorKind::kCancelled) return Cancelled().error();
  return {.error = std::move(failure.error),
          .code = std::move(failure.code),
          .sqlstate = std::move(failure.sqlstate)};
}

StatementFailure Cancelled() {
  return std::unexpected(
      StatementError{.error = {ErrorKind::kCancelled, "SQL execution canceled", {}, {}},
                     .code = "000604",
                     .sqlstate = "57014"});
}

StatementFailure TimedOut(int64_t seconds) {
  return std::unexpected(StatementError{
      .error = {ErrorKind::kCancelled,
                fmt::format("Statement reached its statement or warehouse timeout of {} second(s) "
                            "and was canceled.",
                            WithThousands(seconds)),
                {},
                {}},
      .code = "000630",
      .sqlstate = "57014"});
}

std::string WithoutHeading(const std::string& message) {
  return message.starts_with(kHeading) ? message.substr(kHeading.size()) : message;
}

}  // namespace tarn::warehouse
