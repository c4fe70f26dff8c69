// SPDX-License-Identifier: Apache-2.0
// s ->> s: each step reads results of those before it.
#include "warehouse/objects/object_errors.h"
#include "warehouse/session/statement_log.h"
#include "warehouse/session/stored_result.h"
#include "warehouse/statements/actions.h"

namespace tarn::warehouse {

namespace syntax = sql::syntax;

namespace {

/// Results of a chain within another one's step are no business of the outer one.
class PipedScope {
 public:
  explicit PipedScope(StatementLog& log) : log_(log), outer_(std::exchange(log.piped, {})) {}
  ~PipedScope() { log_.piped = std::move(outer_); }
  PipedScope(const PipedScope&) = delete;
  PipedScope& operator=(const PipedScope&) = delete;

 private:
  StatementLog& log_;
  std::vector<std::shared_ptr<const StoredResult>> outer_;
};

}  // namespace

Outcome Act(StatementContext& context, const syntax::Flow& flow) {
  if (!context.parameters.empty()) return UnsupportedFeature("bind variables with ->>");
  StatementLog& log = *context.session->log;
  const PipedScope scope(log);
  for (const syntax::Statement& step : flow.steps) {
    STATEMENT_ASSIGN(const auto stream,
                     context.nested->RunNested(step, context.text, context.named_parameters, {}));
    STATEMENT_ASSIGN(StoredResult stored, Store(*stream));
    log.piped.push_back(std::make_shared<const StoredResult>(std::move(stored)));
  }
  const auto last = log.piped.back();
  if (last->columns.empty()) {
    return StatementOutcome{.status = last->summary.status, .counts = last->summary.counts};
  }
  return StatementOutcome{
      .status = {}, .counts = {}, .rows = std::nullopt, .stream = StreamOf(last)};
}

}  // namespace tarn::warehouse
