// SPDX-License-Identifier: Apache-2.0
#include <fnmatch.h>

#include <charconv>
#include <optional>
#include <vector>

#include "storage/faulty_storage.h"

namespace tarn::storage {
namespace {

struct Rule {
  std::optional<Operation> operation;  ///< absent: any
  std::string glob;                    ///< "" = every location
  std::optional<int64_t> ordinal;      ///< among the operations that the rule matches; absent: all
  Fault fault;
  std::shared_ptr<std::atomic<int64_t>> matched = std::make_shared<std::atomic<int64_t>>(0);
};

std::unexpected<Error> Malformed(std::string_view rule) {
  std::unexpected<Error> error =
      Fail(ErrorKind::kInvalidArgument, "invalid fault rule \"{}\"", rule);
  error.error().detail =
      "A rule is <operation>[:<location glob>]@<number or "
      "*>=before|after|torn|full|internal|delay(<ms>).";
  return error;
}

bool ParseNumber(std::string_view text, int64_t& number) {
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failure == std::errc() && end == text.data() + text.size() && number >= 0;
}

bool ParseOperation(std::string_view text, std::optional<Operation>& operation) {
  constexpr std::string_view kNames[] = {"create", "append", "stage",  "close", "open",
                                         "read",   "head",   "delete", "list"};
  for (size_t i = 0; i < std::size(kNames); ++i) {
    if (text == kNames[i]) operation = static_cast<Operation>(i);
  }
  return operation.has_value() || text == "*";
}

bool ParseFault(std::string_view text, Fault& fault) {
  using Kind = Fault::Kind;
  if (text == "before") fault.kind = Kind::kFailBefore;
  if (text == "after") fault.kind = Kind::kFailAfter;
  if (text == "torn") fault.kind = Kind::kTornWrite;
  if (text == "internal") fault.kind = Kind::kInternal;
  if (text == "full") fault.kind = Kind::kResourceExhausted;
  constexpr std::string_view kDelay = "delay(";
  int64_t ms = 0;
  if (text.starts_with(kDelay) && text.ends_with(')') &&
      ParseNumber(text.substr(kDelay.size(), text.size() - kDelay.size() - 1), ms)) {
    fault = {Kind::kDelay, std::chrono::milliseconds(ms)};
  }
  return fault.kind != Kind::kNone;
}

Result<Rule> ParseRule(std::string_view text) {
  Rule rule;
  const size_t equals = text.rfind('=');
  if (equals == std::string_view::npos) return Malformed(text);
  const size_t at = text.rfind('@', equals);
  if (at == std::string_view::npos) return Malformed(text);
  const std::string_view which = text.substr(0, at);
  const std::string_view ordinal = text.substr(at + 1, equals - at - 1);
  const size_t colon = which.find(':');
  if (colon != std::string_view::npos) rule.glob = which.substr(colon + 1);
  int64_t number = 0;
  if (ordinal != "*") {
    if (!ParseNumber(ordinal, number)) return Malformed(text);
    rule.ordinal = number;
  }
  if (!ParseOperation(which.substr(0, colon), rule.operation) ||
      !ParseFault(text.substr(equals + 1), rule.fault)) {
    return Malformed(text);
  }
  return rule;
}

}  // namespace

Result<FaultPlan> ParseFaultPlan(std::string_view text) {
  std::vector<Rule> rules;
  while (!text.empty()) {
    const size_t end = text.find(';');
    TARN_ASSIGN(Rule rule, ParseRule(text.substr(0, end)));
    rules.push_back(std::move(rule));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return [rules = std::move(rules)](int64_t, Operation operation, std::string_view location) {
    Fault fault;
    const std::string name(location);
    for (const Rule& rule : rules) {
      if (rule.operation && *rule.operation != operation) continue;
      if (!rule.glob.empty() && fnmatch(rule.glob.c_str(), name.c_str(), 0) != 0) continue;
      const int64_t ordinal = rule.matched->fetch_add(1);
      if (fault.kind == Fault::Kind::kNone && (!rule.ordinal || *rule.ordinal == ordinal)) {
        fault = rule.fault;
      }
    }
    return fault;
  };
}

}  // namespace tarn::storage
