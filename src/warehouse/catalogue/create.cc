// SPDX-License-Identifier: Apache-2.0
#include "warehouse/catalogue/create.h"

#include <algorithm>

#include "warehouse/catalogue/authority.h"
#include "warehouse/catalogue/definition_checks.h"
#include "warehouse/catalogue/drop.h"
#include "warehouse/catalogue/names.h"
#include "warehouse/metastore/grants.h"
#include "warehouse/metastore/parameters.h"
#include "warehouse/objects/object_errors.h"

namespace tarn::warehouse {
namespace {

constexpr size_t kNameLengthMax = 255;

class Creator {
 public:
  Creator(Transaction& transaction, const Caller& caller, const Authority& authority,
          const CreateRequest& request)
      : transaction_(transaction),
        caller_(caller),
        authority_(authority),
        request_(request),
        kind_(KindOf(request.definition)),
        action_(CreatePrivilege(kind_)) {}

  StatementResult<CreateOutcome> Create() {
    STATEMENT_TRY(CheckName());
    STATEMENT_ASSIGN(container_, ResolveContainer(transaction_, caller_, authority_, kind_,
                                                  request_.name, action_));
    STATEMENT_ASSIGN(existing_, FindExisting(transaction_, caller_, container_, request_));
    if (existing_ && request_.on_existing == OnExisting::kKeep) return Kept();
    if (existing_ && request_.on_existing == OnExisting::kFail) {
      return AlreadyExists(request_.name.Written());
    }
    STATEMENT_TRY(CheckDefinition(transaction_, authority_, request_.definition));
    if (existing_ && request_.on_existing == OnExisting::kAlter) return Alter();
    STATEMENT_TRY(CheckMayCreate());
    CreateOutcome outcome;
    std::vector<Grant> grants;
    if (existing_) {
      if (request_.copy_grants) {
        STATEMENT_ASSIGN(grants, GrantsOn(transaction_, existing_->id));
      }
      STATEMENT_TRY(Replace());
      outcome.replaced = existing_;
      outcome.result = CreateResult::kReplaced;
    }
    STATEMENT_ASSIGN(outcome.id, Insert());
    for (Grant& grant : grants) {
      grant.object = outcome.id;
      STATEMENT_TRY(AddGrant(transaction_, grant));
    }
    outcome.status = fmt::format("{} {} successfully created.", CreatedNoun(), request_.name.name);
    return outcome;
  }

 private:
  std::string_view CreatedNoun() const {
    return kind_ == ObjectKind::kStage ? "Stage area" : FactsOf(kind_).noun;
  }

  StatementResult<> CheckName() const {
    if (request_.name.name.empty()) return CompilationError("001003", "42000", "empty identifier");
    if (request_.name.name.size() <= kNameLengthMax) return {};
    return CompilationError("002263", "22000",
                            fmt::format("Invalid identifier '{}': longer than {} characters.",
                                        request_.name.name, kNameLengthMax));
  }

  StatementResult<CreateOutcome> Kept() const {
    return CreateOutcome{
        .id = existing_->id,
        .result = CreateResult::kKept,
        .status = fmt::format("{} already exists, statement succeeded.", request_.name.name)};
  }

  StatementResult<> CheckMayCreate() const {
    STATEMENT_ASSIGN(const Authority primary, Authority::OfPrimaryRole(transaction_, caller_));
    if (container_ == kAccountId) return primary.RequireOnAccount(action_);
    STATEMENT_ASSIGN(const auto container, transaction_.FindHead(container_));
    // What is in an application is its own business.
    const bool foreign =
        container->kind == ObjectKind::kApplication && container->id != caller_.role;
    if (foreign || container->name == kInformationSchema) {
      return InsufficientPrivileges(container->kind, container->name);
    }
    const auto* table = std::get_if<Table>(&request_.definition);
    // "Creating a temporary table does not require the CREATE TABLE privilege on the schema."
    if (table != nullptr && request_.temporary) return {};
    if (table != nullptr && table->declared_iceberg) {
      return primary.RequireAnyOf(*container, {"CREATE ICEBERG TABLE"});
    }
    return primary.Require(*container, action_);
  }

  StatementResult<> Replace() {
    if (existing_->kind != kind_) {
      return CompilationError("002203", "42809",
                              fmt::format("Object found is of type '{}', not specified type '{}'.",
                                          FactsOf(existing_->kind).sql, FactsOf(kind_).sql));
    }
    STATEMENT_TRY(authority_.Require(*existing_, kOwnership));
    return RemoveObject(transaction_, caller_, *existing_, DropBehaviour::kRestrictToUnused);
  }

  StatementResult<CreateOutcome> Alter() {
    if (existing_->kind != kind_) return AlreadyExists(request_.name.Written());
    STATEMENT_TRY(authority_.Require(*existing_, kOwnership));
    STATEMENT_TRY(transaction_.Update(existing_->id, request_.definition));
    existing_->comment = request_.comment;
    STATEMENT_TRY(transaction_.UpdateHead(*existing_));
    STATEMENT_TRY(SetParameters(existing_->id));
    return CreateOutcome{
        .id = existing_->id,
        .result = CreateResult::kAltered,
        .status = fmt::format("{} {} successfully altered.", CreatedNoun(), request_.name.name)};
  }

  StatementResult<> SetParameters(ObjectId id) const {
    for (const auto& [name, value] : request_.parameters) {
      STATEMENT_TRY(SetParameter(transaction_, id, name, value));
    }
    return {};
  }

  StatementResult<ObjectId> Insert() {
    ObjectHead head{.container = container_,
                    .name = request_.name.name,
                    .signature = request_.name.signature,
                    .owner = caller_.role,
                    .comment = request_.comment,
                    .session = request_.temporary ? caller_.session : std::string()};
    auto inserted = transaction_.Insert(head, request_.definition);
    if (!inserted && inserted.error().kind == ErrorKind::kAlreadyExists) {
      return AlreadyExists(request_.name.Written());
    }
    STATEMENT_ASSIGN(const ObjectId id, std::move(inserted));
    STATEMENT_TRY(SetParameters(id));
    head.id = id;
    head.kind = kind_;
    if (!request_.temporary) STATEMENT_TRY(ApplyFutureGrants(transaction_, head));
    if (kind_ == ObjectKind::kDatabase) STATEMENT_TRY(MakeSchemas(id));
    if (kind_ == ObjectKind::kRole) STATEMENT_TRY(transaction_.TouchRoles());
    return id;
  }

  Result<> MakeSchemas(ObjectId database) {
    const auto& definition = std::get<Database>(request_.definition);
    ObjectHead head{.container = database,
                    .name = kInformationSchema,
                    .comment = "Views describing the contents of schemas in this database"};
    TARN_TRY(transaction_.Insert(head, Schema{}));
    // The schemas of a linked database are those of its catalog.
    if (definition.linked_catalog) return {};
    head = {.container = database, .name = kPublicSchema, .owner = caller_.role};
    TARN_TRY(transaction_.Insert(head, Schema{.transient = definition.transient}));
    return {};
  }

  Transaction& transaction_;
  const Caller& caller_;
  const Authority& authority_;
  const CreateRequest& request_;
  const ObjectKind kind_;
  const std::string action_;
  ObjectId container_;
  std::optional<ObjectHead> existing_;
};

}  // namespace

Result<std::optional<ObjectHead>> FindExisting(const Snapshot& snapshot, const Caller& caller,
                                               ObjectId container, const CreateRequest& request) {
  const std::string_view session = request.temporary ? std::string_view(caller.session) : "";
  TARN_ASSIGN(auto head, snapshot.FindNamed(container, FamilyOf(KindOf(request.definition)),
                                            request.name.name, request.name.signature, session));
  // What is everybody's is not in the way of what is the session's.
  if (head && head->session != session) head.reset();
  return head;
}

StatementResult<CreateOutcome> CreateObject(Transaction& transaction, const Caller& caller,
                                            const CreateRequest& request) {
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(transaction, caller));
  return Creator(transaction, caller, authority, request).Create();
}

}  // namespace tarn::warehouse
