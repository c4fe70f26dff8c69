// SPDX-License-Identifier: Apache-2.0
#include "server/snowflake/statement_runner.h"

#include <algorithm>

#include "base/clock.h"
#include "server/snowflake/failure.h"
#include "server/snowflake/session_parameters_json.h"
#include "server/snowflake/statement_kind.h"
#include "sql/syntax/name.h"
#include "warehouse/statement_error.h"

namespace tarn::server::snowflake {
namespace {

using warehouse::BoundValue;
using warehouse::RowCount;
using warehouse::StatementError;
using warehouse::StatementResult;
using warehouse::TransactionState;

/// Of an INSERT that stands for many executions.
constexpr size_t kInsertRowsMax = 1'000, kInsertValuesMax = 10'000;

std::unexpected<StatementError> FailCode(const char* code, const char* sqlstate, ErrorKind kind,
                                         std::string message) {
  return std::unexpected(StatementError{.error = {kind, std::move(message), {}, {}},
                                        .code = code,
                                        .sqlstate = sqlstate,
                                        .position = {}});
}

std::unexpected<StatementError> Aborted() {
  return FailCode(code::kCancelled, "57014", ErrorKind::kCancelled, "SQL execution canceled");
}

void AddCounts(const std::vector<RowCount>& more, std::vector<RowCount>& counts) {
  if (counts.empty())
    counts = more;
  else
    for (size_t i = 0; i < std::min(counts.size(), more.size()); ++i) {
      counts[i].rows += more[i].rows;
    }
}

/// What a statement that changes rows would say, before it has.
std::vector<RowCount> CountLabels(std::string_view command) {
  if (command == "INSERT") return {{"number of rows inserted", 0}};
  if (command == "DELETE") return {{"number of rows deleted", 0}};
  if (command == "UPDATE") {
    return {{"number of rows updated", 0}, {"number of multi-joined rows updated", 0}};
  }
  if (command == "MERGE") return {{"number of rows inserted", 0}, {"number of rows updated", 0}};
  return {};
}

std::vector<sql::DataType> TypesOf(const std::vector<BoundValue>& values) {
  std::vector<sql::DataType> types;
  for (const BoundValue& value : values) types.push_back(value.type);
  return types;
}

/// Parameters that hold for one statement, while it lives.
class ParametersMeanwhile {
 public:
  ParametersMeanwhile(warehouse::Session& session,
                      const std::vector<std::pair<std::string, std::string>>& parameters)
      : session_(session) {
    for (const auto& [name, value] : parameters) {
      const auto before = session.Parameter(name);
      // Clients send many that are not the session's.
      if (!before || *before == value || !session.SetParameter(name, value)) continue;
      changed_.push_back({name, *before, *session.Parameter(name)});
    }
  }
  ~ParametersMeanwhile() {
    for (const auto& [name, before, meanwhile] : changed_) {
      const auto now = session_.Parameter(name);
      // The statement itself may have set it.
      if (now && *now == meanwhile) (void)session_.SetParameter(name, before);
    }
  }
  ParametersMeanwhile(const ParametersMeanwhile&) = delete;
  ParametersMeanwhile& operator=(const ParametersMeanwhile&) = delete;

 private:
  struct Changed {
    std::string name, before, meanwhile;
  };
  warehouse::Session& session_;
  std::vector<Changed> changed_;
};

}  // namespace

bool StatementRunner::SendsArrow(std::string_view command) const {
  if (client_->format_parameter.empty() || !GivesArrow(command)) return false;
  const auto format = session_->Parameter(client_->format_parameter);
  return format && *format == "ARROW";
}

Outcome StatementRunner::Run(const Submission& submission) {
  const auto facts = [this] {
    return SessionFacts{.database = session_->current_database(),
                        .schema = session_->current_schema(),
                        .warehouse = session_->current_warehouse(),
                        .role = session_->current_role(),
                        .parameters = ParametersJson(*session_)};
  };
  Outcome outcome;
  {
    const ParametersMeanwhile meanwhile(*session_, submission.request().parameters);
    outcome = RunText(submission);
  }
  outcome.session = facts();
  return outcome;
}

Outcome StatementRunner::RunText(const Submission& submission) {
  const StatementRequest& request = submission.request();
  const auto failed = [](StatementError error) {
    Outcome outcome;
    outcome.error = std::move(error);
    return outcome;
  };
  auto statements = session_->Split(request.text, {});
  if (!statements) return failed(std::move(statements).error());
  if (statements->empty()) {
    return failed(FailCode("000900", "42601", ErrorKind::kInvalidArgument,
                           "SQL compilation error:\nEmpty SQL statement.")
                      .error());
  }
  int64_t wanted = 1;
  if (const auto known = session_->Parameter("MULTI_STATEMENT_COUNT")) wanted = std::stoll(*known);
  wanted = request.statement_count.value_or(wanted);
  const auto count = static_cast<int64_t>(statements->size());
  if (wanted != 0 && count != wanted) {
    return failed(
        FailCode("000008", "0A000", ErrorKind::kInvalidArgument,
                 fmt::format("Actual statement count {} did not match the desired statement "
                             "count {}.",
                             count, wanted))
            .error());
  }
  if (count > 1) return RunSeveral(submission, *statements);
  const std::string& text = statements->front().text;
  auto outcome = request.only_describe ? Describe(text, request.bindings)
                 : request.bindings.is_array
                     ? RunRows(submission, text)
                     : RunOne(submission, text, ValuesFor(text, request.bindings));
  if (outcome) return *std::move(outcome);
  StatementError error = std::move(outcome).error();
  if (error.position) *error.position += statements->front().offset;
  return failed(std::move(error));
}

Outcome StatementRunner::RunSeveral(const Submission& submission,
                                    const std::vector<warehouse::StatementText>& statements) {
  Outcome whole;
  whole.command = "MULTI";
  if (!submission.request().bindings.rows.empty()) {
    whole.error = FailCode("000002", "0A000", ErrorKind::kUnsupported,
                           "Bind variables in a text of several statements are not supported.")
                      .error();
    return whole;
  }
  for (const auto& statement : statements) {
    StatementRequest request;
    request.text = statement.text;
    const auto child = std::make_shared<Submission>(std::move(request), NowMs());
    auto outcome =
        submission.is_aborted() ? Result<Outcome>(Aborted()) : RunOne(*child, statement.text, {});
    if (outcome && outcome->transfer != nullptr) {
      outcome = FailCode("000002", "0A000", ErrorKind::kUnsupported,
                         "PUT and GET in a text of several statements are not supported.");
    }
    if (!outcome) {
      whole.error = std::move(outcome).error();
      if (whole.error->position) *whole.error->position += statement.offset;
      return whole;
    }
    outcome->session.parameters = ParametersJson(*session_);
    child->End(*std::move(outcome), NowMs());
    whole.children.push_back(child);
  }
  return whole;
}

std::vector<BoundValue> StatementRunner::ValuesFor(std::string_view text,
                                                   const BoundRows& bindings) {
  // Clients ask again for each file of a PUT, and leave out what was bound.
  const size_t word = text.find_first_not_of(" \t\r\n");
  const bool puts =
      word != std::string_view::npos && sql::syntax::UpperCase(text.substr(word, 3)) == "PUT";
  if (!puts) return bindings.rows.empty() ? std::vector<BoundValue>() : bindings.rows.front();
  if (!bindings.rows.empty()) put_values_ = bindings.rows.front();
  return CountPlaceholders(text) == 0 ? std::vector<BoundValue>() : put_values_;
}

StatementResult<> StatementRunner::BeginImplicitly(std::string_view command) {
  if (!ChangesRows(command) || session_->transaction_state() != TransactionState::kNone) return {};
  const auto autocommit = session_->Parameter("AUTOCOMMIT");
  if (!autocommit || *autocommit != "false") return {};
  STATEMENT_ASSIGN(const auto begin, session_->Prepare("BEGIN", {}, {}));
  STATEMENT_TRY(session_->Execute(*begin, {}));
  return {};
}

StatementResult<Outcome> StatementRunner::Read(const Submission& submission,
                                               warehouse::ResultStream& stream) {
  Outcome outcome;
  if (!stream.columns().empty()) {
    outcome.rows = std::make_shared<SpooledResult>(stream.columns(), limits_);
  }
  std::vector<uint8_t> batch;
  while (true) {
    if (submission.is_aborted()) return Aborted();
    STATEMENT_TRY(stream.Next(batch));
    if (batch.empty() || outcome.rows == nullptr) break;
    STATEMENT_TRY(outcome.rows->Append(batch));
  }
  if (outcome.rows != nullptr) outcome.rows->Finish();
  const warehouse::StatementSummary& summary = stream.summary();
  outcome.command = summary.command;
  outcome.counts = summary.counts;
  outcome.status = summary.status;
  outcome.transfer = summary.transfer;
  outcome.transfer_style = client_->transfer_style;
  return outcome;
}

StatementResult<Outcome> StatementRunner::RunOne(const Submission& submission,
                                                 const std::string& text,
                                                 const std::vector<BoundValue>& values) {
  STATEMENT_ASSIGN(const auto prepared, session_->Prepare(text, {}, TypesOf(values)));
  STATEMENT_TRY(BeginImplicitly(prepared->command()));
  if (submission.is_aborted()) return Aborted();
  session_->NameNextStatement(submission.id());
  STATEMENT_ASSIGN(const auto stream, session_->Execute(*prepared, values));
  STATEMENT_ASSIGN(Outcome outcome, Read(submission, *stream));
  outcome.sends_arrow = SendsArrow(outcome.command);
  outcome.bindings = static_cast<int32_t>(values.size());
  return outcome;
}

StatementResult<Outcome> StatementRunner::RunRows(const Submission& submission,
                                                  const std::string& text) {
  const auto& rows = submission.request().bindings.rows;
  if (rows.empty()) {
    return FailCode("002049", "42601", ErrorKind::kInvalidArgument,
                    "Bind variables: arrays have no values");
  }
  if (rows.size() == 1) return RunOne(submission, text, rows.front());
  STATEMENT_ASSIGN(const auto prepared, session_->Prepare(text, {}, TypesOf(rows.front())));
  if (!ChangesRows(prepared->command())) {
    return FailCode("000002", "0A000", ErrorKind::kUnsupported,
                    "Arrays of bind variables are not supported in this statement.");
  }
  STATEMENT_TRY(BeginImplicitly(prepared->command()));
  if (session_->transaction_state() != TransactionState::kNone) {
    return RunRowsInGroup(submission, text);
  }
  STATEMENT_TRY(session_->BeginGroup());
  auto outcome = RunRowsInGroup(submission, text);
  auto ended = session_->EndGroup(outcome.has_value());
  if (outcome && !ended) return std::unexpected(std::move(ended).error());
  return outcome;
}

StatementResult<Outcome> StatementRunner::RunRowsInGroup(const Submission& submission,
                                                         const std::string& text) {
  const auto& rows = submission.request().bindings.rows;
  const size_t width = std::max<size_t>(rows.front().size(), 1);
  const size_t together = std::clamp<size_t>(kInsertValuesMax / width, 1, kInsertRowsMax);
  const bool widens = !InsertOfRows(text, 2).empty();
  Outcome whole;
  for (size_t next = 0; next < rows.size();) {
    const size_t count = widens ? std::min(together, rows.size() - next) : 1;
    std::vector<BoundValue> values;
    values.reserve(count * width);
    for (size_t i = next; i < next + count; ++i) {
      values.insert(values.end(), rows[i].begin(), rows[i].end());
    }
    STATEMENT_ASSIGN(Outcome one,
                     RunOne(submission, count == 1 ? text : InsertOfRows(text, count), values));
    AddCounts(one.counts, whole.counts);
    whole.command = std::move(one.command);
    next += count;
  }
  whole.bindings = static_cast<int32_t>(rows.front().size());
  return whole;
}

StatementResult<Outcome> StatementRunner::Describe(const std::string& text,
                                                   const BoundRows& bindings) {
  std::vector<sql::DataType> types(static_cast<size_t>(CountPlaceholders(text)));
  if (!bindings.rows.empty()) types = TypesOf(bindings.rows.front());
  STATEMENT_ASSIGN(const auto prepared, session_->Prepare(text, {}, types));
  Outcome outcome;
  outcome.command = std::string(prepared->command());
  outcome.bindings = static_cast<int32_t>(types.size());
  outcome.sends_arrow = SendsArrow(outcome.command);
  if (!prepared->columns().empty()) {
    outcome.rows = std::make_shared<SpooledResult>(prepared->columns(), limits_);
    outcome.rows->Finish();
  } else {
    outcome.counts = CountLabels(outcome.command);
  }
  return outcome;
}

}  // namespace tarn::server::snowflake
