// SPDX-License-Identifier: Apache-2.0
// Inside of statements/: what every CREATE, ALTER and DROP does around its own part.
#pragma once

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>

#include "sql/syntax/object_kind.h"
#include "sql/syntax/statement_object.h"
#include "warehouse/catalogue/alter.h"
#include "warehouse/catalogue/create.h"
#include "warehouse/metastore/metastore.h"
#include "warehouse/statements/actions.h"
#include "warehouse/statements/execute.h"

namespace tarn::warehouse {

/// The name as it is meant; IDENTIFIER(…) is evaluated. 001003 for more than three parts.
StatementResult<ObjectName> NameOf(const StatementContext& context,
                                   const sql::syntax::ObjectName& name);

/// The same of an object of this kind: two parts of a schema's name are database and schema.
StatementResult<ObjectName> NameOf(const StatementContext& context,
                                   const sql::syntax::ObjectName& name, ObjectKind kind);

/// Of the types of a routine's arguments: "(NUMBER, VARCHAR)".
StatementResult<std::string> SignatureOf(const std::vector<sql::syntax::DataType>& types);

/// Absent: a kind that the warehouse does not have.
std::optional<ObjectKind> StoredKindOf(sql::syntax::ObjectKind kind);
/// 000002 by name for a kind that the warehouse does not have.
StatementResult<ObjectKind> RequireKind(sql::syntax::ObjectKind kind, std::string_view verb);
/// The same for an object of this name: INTEGRATION alone is that of any type.
StatementResult<ObjectKind> RequireKind(const StatementContext& context,
                                        sql::syntax::ObjectKind kind, std::string_view verb,
                                        const ObjectName& name);

/// Name and OR REPLACE, OR ALTER, IF NOT EXISTS; the definition is the caller's to set.
StatementResult<CreateRequest> HeadOf(const StatementContext& context,
                                      const sql::syntax::CreateHead& head);

/// Whether CREATE has the word in front of its kind.
bool HasModifier(const sql::syntax::CreateHead& head, std::string_view modifier);
/// 000002, by name, for a word in front of the kind that is neither among these nor says, of a kind
/// that can be, that the object is the session's own (TEMPORARY, LOCAL TEMPORARY, VOLATILE, …).
StatementResult<> AllowModifiers(const sql::syntax::CreateHead& head,
                                 std::initializer_list<std::string_view> allowed);

/// One transaction of the metastore on the session's behalf.
using ObjectChange = std::function<StatementResult<>(Transaction&, const Caller&)>;
StatementResult<> CommitObjects(const StatementContext& context, const ObjectChange& change);

/// A moment for reading, with who asks.
struct ReadMoment {
  std::unique_ptr<ReadSnapshot> snapshot;
  Caller caller;
};
StatementResult<ReadMoment> ReadObjects(const StatementContext& context);

/// CreateObject in a transaction of its own. `then` runs in the same one, unless it was kept.
using AfterCreate = std::function<StatementResult<>(Transaction&, const CreateOutcome&)>;
Outcome CreateAndTell(const StatementContext& context, const CreateRequest& request,
                      const AfterCreate& then = nullptr);

AlterRequest AlterRequestOf(ObjectKind kind, const ObjectName& name, bool if_exists);
/// Of what the statement names; `current` is meant where it names nothing.
StatementResult<AlterRequest> AlterRequestOf(const StatementContext& context,
                                             const sql::syntax::AlterObject& alter,
                                             const std::string& current = {});

/// An ALTER at work.
struct Alteration {
  Transaction& transaction;
  const Caller& caller;
  const ObjectHead& head;
  std::optional<std::string> comment = std::nullopt;  ///< set: becomes the object's
  Options parameters = {};                            ///< become the object's own
};
/// The actions one after the other, in one transaction; the object is checked as CREATE does.
using AlterStep =
    std::function<StatementResult<>(Alteration&, Definition&, const sql::syntax::AlterAction&)>;
Outcome AlterByActions(const StatementContext& context, const sql::syntax::AlterObject& alter,
                       const AlterRequest& request, const AlterStep& step);

/// The same for one kind: `step` gets (Alteration&, Noun&, action).
template <typename Noun, typename Step>
Outcome AlterByActions(const StatementContext& context, const sql::syntax::AlterObject& alter,
                       const AlterRequest& request, const Step& step) {
  const AlterStep typed = [&step](Alteration& alteration, Definition& definition,
                                  const sql::syntax::AlterAction& action) {
    return step(alteration, std::get<Noun>(definition), action);
  };
  return AlterByActions(context, alter, request, typed);
}
template <typename Noun, typename Step>
Outcome AlterByActions(const StatementContext& context, const sql::syntax::AlterObject& alter,
                       const Step& step) {
  STATEMENT_ASSIGN(const AlterRequest request, AlterRequestOf(context, alter));
  return AlterByActions<Noun>(context, alter, request, step);
}
/// SUSPEND, RESUME and the like, for which OPERATE is enough.
inline bool IsPerform(const sql::syntax::AlterAction& action) {
  return std::holds_alternative<sql::syntax::Perform>(action);
}
/// 000002 for an action that the kind does not have.
StatementFailure UnsupportedClause(const sql::syntax::AlterObject& alter);

/// CREATE of one kind, and ALTER of one kind beyond what all have (RENAME TO, SET COMMENT, tags):
/// each stands in its kind's source. `name` is resolved; `action` is one of the statement.
Outcome CreateDatabase(StatementContext& context, const sql::syntax::CreateObject& create);
Outcome CreateSchema(StatementContext& context, const sql::syntax::CreateObject& create);
Outcome CreateWarehouse(StatementContext& context, const sql::syntax::CreateObject& create);
Outcome CreateRole(StatementContext& context, const sql::syntax::CreateObject& create);
Outcome CreateUser(StatementContext& context, const sql::syntax::CreateObject& create);
Outcome CreateSequence(StatementContext& context, const sql::syntax::CreateObject& create);
Outcome CreateFileFormat(StatementContext& context, const sql::syntax::CreateObject& create);
Outcome CreateTag(StatementContext& context, const sql::syntax::CreateObject& create);
Outcome CreateNetworkRule(StatementContext& context, const sql::syntax::CreateObject& create);
Outcome CreateNetworkPolicy(StatementContext& context, const sql::syntax::CreateObject& create);
Outcome CreateStorageIntegration(StatementContext& context,
                                 const sql::syntax::CreateObject& create);
Outcome CreatePostgresInstance(StatementContext& context, const sql::syntax::CreateObject& create);
Outcome CreateExternalVolume(StatementContext& context, const sql::syntax::CreateObject& create);
Outcome CreateStage(StatementContext& context, const sql::syntax::CreateObject& create);
Outcome CreateCatalogIntegration(StatementContext& context,
                                 const sql::syntax::CreateObject& create);
Outcome CreateApplication(StatementContext& context, const sql::syntax::CreateObject& create);

Outcome AlterDatabase(StatementContext& context, const sql::syntax::AlterObject& alter);
Outcome AlterSchema(StatementContext& context, const sql::syntax::AlterObject& alter);
Outcome AlterWarehouse(StatementContext& context, const sql::syntax::AlterObject& alter);
Outcome AlterUser(StatementContext& context, const sql::syntax::AlterObject& alter);
Outcome AlterSequence(StatementContext& context, const sql::syntax::AlterObject& alter);
Outcome AlterFileFormat(StatementContext& context, const sql::syntax::AlterObject& alter);
Outcome AlterTag(StatementContext& context, const sql::syntax::AlterObject& alter);
Outcome AlterNetworkRule(StatementContext& context, const sql::syntax::AlterObject& alter);
Outcome AlterNetworkPolicy(StatementContext& context, const sql::syntax::AlterObject& alter);
Outcome AlterStorageIntegration(StatementContext& context, const sql::syntax::AlterObject& alter);
Outcome AlterPostgresInstance(StatementContext& context, const sql::syntax::AlterObject& alter);
Outcome AlterExternalVolume(StatementContext& context, const sql::syntax::AlterObject& alter);
Outcome AlterStage(StatementContext& context, const sql::syntax::AlterObject& alter);
Outcome AlterCatalogIntegration(StatementContext& context, const sql::syntax::AlterObject& alter);
Outcome AlterTable(StatementContext& context, const sql::syntax::AlterObject& alter);
Outcome AlterApplication(StatementContext& context, const sql::syntax::AlterObject& alter);
Outcome AlterTask(StatementContext& context, const sql::syntax::AlterObject& alter);
Outcome AlterSession(StatementContext& context, const sql::syntax::AlterObject& alter);
Outcome AlterAccount(StatementContext& context, const sql::syntax::AlterObject& alter);

/// DROP APPLICATION, which takes what the application owns along, or refuses to.
Outcome DropApplication(StatementContext& context, const sql::syntax::DropObject& drop);

/// RENAME TO, SWAP WITH, SET|UNSET COMMENT and TAG alone: what every kind has. Absent: the action
/// is the kind's own.
std::optional<Outcome> TryGeneralAlter(StatementContext& context,
                                       const sql::syntax::AlterObject& alter);

}  // namespace tarn::warehouse
