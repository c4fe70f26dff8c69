// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/snowflake/submission.h"

namespace tarn::server::snowflake {

/// Who the client is, as far as answers depend on it; a plain value.
struct ClientKind {
  std::string application;  ///< CLIENT_APP_ID
  /// The session parameter that says whether rows are Arrow; "": they never are.
  std::string format_parameter;
  TransferStyle transfer_style = TransferStyle::kUrls;
};

/// Runs what is submitted in one session, for its thread.
class StatementRunner {
 public:
  /// All outlive it.
  StatementRunner(warehouse::Session* session, const ClientKind* client, SpoolLimits* limits)
      : session_(session), client_(client), limits_(limits) {}

  /// Ends when the submission is aborted and the session cancelled.
  Outcome Run(const Submission& submission);

 private:
  template <typename T = void>
  using Result = warehouse::StatementResult<T>;

  Outcome RunText(const Submission& submission);
  Outcome RunSeveral(const Submission& submission,
                     const std::vector<warehouse::StatementText>& statements);
  /// One statement with one row of values at most.
  Result<Outcome> RunOne(const Submission& submission, const std::string& text,
                         const std::vector<warehouse::BoundValue>& values);
  Result<Outcome> RunRows(const Submission& submission, const std::string& text);
  Result<Outcome> RunRowsInGroup(const Submission& submission, const std::string& text);
  Result<Outcome> Describe(const std::string& text, const BoundRows& bindings);
  Result<> BeginImplicitly(std::string_view command);
  Result<Outcome> Read(const Submission& submission, warehouse::ResultStream& stream);
  bool SendsArrow(std::string_view command) const;
  std::vector<warehouse::BoundValue> ValuesFor(std::string_view text, const BoundRows& bindings);

  warehouse::Session* const session_;
  const ClientKind* const client_;
  SpoolLimits* const limits_;
  std::vector<warehouse::BoundValue> put_values_;  ///< of the last PUT
};

}  // namespace tarn::server::snowflake
