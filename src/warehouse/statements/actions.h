// SPDX-License-Identifier: Apache-2.0
// Inside of statements/: the actions that there are. A statement of another type is refused by
// name.
#pragma once

#include "warehouse/statements/execute.h"

namespace tarn::warehouse {

using Outcome = StatementResult<StatementOutcome>;

// session
Outcome Act(StatementContext& context, const sql::syntax::Use& use);
Outcome Act(StatementContext& context, const sql::syntax::SetVariables& set);
Outcome Act(StatementContext& context, const sql::syntax::UnsetVariables& unset);
Outcome Act(StatementContext& context, const sql::syntax::Show& show);
Outcome Act(StatementContext& context, const sql::syntax::Describe& describe);

// blocks
Outcome Act(StatementContext& context, const sql::syntax::Call& call);
Outcome Act(StatementContext& context, const sql::syntax::ExecuteImmediate& execute);
Outcome Act(StatementContext& context, const sql::syntax::Block& block);
Outcome Act(StatementContext& context, const sql::syntax::Flow& flow);
Outcome Act(StatementContext& context, const sql::syntax::CreateRoutine& create);

// rows
Outcome Act(StatementContext& context, const sql::syntax::Insert& insert);
Outcome Act(StatementContext& context, const sql::syntax::MultiTableInsert& insert);
Outcome Act(StatementContext& context, const sql::syntax::Update& update);
Outcome Act(StatementContext& context, const sql::syntax::Delete& remove);
Outcome Act(StatementContext& context, const sql::syntax::Merge& merge);
Outcome Act(StatementContext& context, const sql::syntax::Truncate& truncate);

// files
Outcome Act(StatementContext& context, const sql::syntax::StageCommand& command);
Outcome Act(StatementContext& context, const sql::syntax::CopyIntoTable& copy);
Outcome Act(StatementContext& context, const sql::syntax::CopyIntoLocation& copy);
Outcome Act(StatementContext& context, const sql::syntax::FileTransfer& statement);

// objects
Outcome Act(StatementContext& context, const sql::syntax::CreateTable& create);
Outcome Act(StatementContext& context, const sql::syntax::CreateView& create);
Outcome Act(StatementContext& context, const sql::syntax::CreateObject& create);
Outcome Act(StatementContext& context, const sql::syntax::CreateStream& create);
Outcome Act(StatementContext& context, const sql::syntax::CreateTask& create);
Outcome Act(StatementContext& context, const sql::syntax::ExecuteTask& execute);
Outcome Act(StatementContext& context, const sql::syntax::AlterObject& alter);
Outcome Act(StatementContext& context, const sql::syntax::DropObject& drop);
Outcome Act(StatementContext& context, const sql::syntax::UndropObject& undrop);
Outcome Act(StatementContext& context, const sql::syntax::Comment& comment);
Outcome Act(StatementContext& context, const sql::syntax::Grant& grant);

/// "Statement executed successfully."
StatementOutcome Executed();

}  // namespace tarn::warehouse
