// SPDX-License-Identifier: Apache-2.0
#include "warehouse/session/session_factory.h"

#include <algorithm>
#include <atomic>

#include "sql/syntax/name.h"
#include "warehouse/metastore/new_account.h"
#include "warehouse/metastore/parameters.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/session/session_parameters.h"
#include "warehouse/session/warehouse_session.h"

namespace tarn::warehouse {
namespace {

using sql::syntax::UpperCase;

/// By its exact name, or folded: clients write names of objects without quotes.
Result<std::optional<ObjectHead>> FindFolded(const Snapshot& snapshot, ObjectId container,
                                             ObjectKind kind, std::string_view name) {
  TARN_ASSIGN(auto exact, snapshot.FindNamed(container, FamilyOf(kind), name));
  if (exact) return exact;
  return snapshot.FindNamed(container, FamilyOf(kind), UpperCase(name));
}

StatementFailure NoSuchUser() {
  return std::unexpected(StatementError{.error = {ErrorKind::kPermissionDenied,
                                                  "Incorrect username or password was specified.",
                                                  {},
                                                  {}},
                                        .code = "390100",
                                        .sqlstate = "28000"});
}

/// Fills a session's state from what the user is and the client asks.
class Opening {
 public:
  Opening(const Snapshot& snapshot, const SessionRequest& request)
      : snapshot_(snapshot), request_(request) {}

  StatementResult<SessionState> Open() {
    STATEMENT_ASSIGN(const auto head,
                     FindFolded(snapshot_, kAccountId, ObjectKind::kUser, request_.user));
    if (!head) return NoSuchUser();
    STATEMENT_ASSIGN(const auto user, snapshot_.Find<User>(head->id));
    if (!user || user->disabled) return NoSuchUser();
    state_.user = head->name;
    state_.user_id = head->id;
    state_.all_secondary_roles = std::ranges::find(user->default_secondary_roles, "ALL") !=
                                 user->default_secondary_roles.end();
    STATEMENT_TRY(TakeRole(*user));
    STATEMENT_TRY(TakeNamespace(*user));
    STATEMENT_TRY(TakeWarehouse(*user));
    STATEMENT_TRY(TakeParameters());
    return std::move(state_);
  }

 private:
  StatementResult<> TakeRole(const User& user) {
    const bool asked = !request_.role.empty();
    std::string role = asked ? request_.role : user.default_role;
    if (role.empty()) role = kPublicRole;
    STATEMENT_ASSIGN(const auto head, FindFolded(snapshot_, kAccountId, ObjectKind::kRole, role));
    const StatementResult<> taken = UseRole(snapshot_, state_, head ? head->name : role);
    if (taken || asked) return taken;
    return UseRole(snapshot_, state_, kPublicRole);  // a default that was taken away
  }

  StatementResult<> TakeNamespace(const User& user) {
    if (!request_.database.empty()) {
      STATEMENT_ASSIGN(const auto database,
                       FindFolded(snapshot_, kAccountId, ObjectKind::kDatabase, request_.database));
      if (!database) return DoesNotExist(ObjectKind::kDatabase, request_.database);
      STATEMENT_TRY(UseDatabase(snapshot_, state_, database->name));
    } else if (!user.default_namespace.empty()) {
      TakeDefaultNamespace(user.default_namespace);
    }
    if (request_.schema.empty() || state_.database.empty()) return {};
    STATEMENT_ASSIGN(const auto database,
                     FindFolded(snapshot_, kAccountId, ObjectKind::kDatabase, state_.database));
    STATEMENT_ASSIGN(const auto schema,
                     FindFolded(snapshot_, database->id, ObjectKind::kSchema, request_.schema));
    return UseSchema(snapshot_, state_, {.name = schema ? schema->name : request_.schema});
  }

  /// One that is gone is no reason to keep the user out.
  void TakeDefaultNamespace(const std::string& name) {
    const size_t dot = name.find('.');
    const std::string database = UpperCase(name.substr(0, dot));
    if (!UseDatabase(snapshot_, state_, database) || dot == std::string::npos) return;
    (void)UseSchema(snapshot_, state_, {.name = UpperCase(name.substr(dot + 1))});
  }

  StatementResult<> TakeWarehouse(const User& user) {
    const bool asked = !request_.warehouse.empty();
    std::string name = asked ? request_.warehouse : user.default_warehouse;
    // Without any, what every account begins with.
    if (name.empty()) name = kFirstWarehouse;
    STATEMENT_ASSIGN(const auto head,
                     FindFolded(snapshot_, kAccountId, ObjectKind::kWarehouse, name));
    const StatementResult<> taken = UseWarehouse(snapshot_, state_, head ? head->name : name);
    return asked ? taken : StatementResult<>();
  }

  StatementResult<> TakeParameters() {
    for (const ParameterFacts& facts : SessionParameters()) {
      STATEMENT_ASSIGN(const auto set, FindParameter(snapshot_, state_.user_id, facts.name));
      if (set) state_.parameters[std::string(facts.name)] = set->value;
    }
    return {};
  }

  const Snapshot& snapshot_;
  const SessionRequest& request_;
  SessionState state_;
};

class Sessions final : public SessionFactory {
 public:
  Sessions(Account& account, int32_t sessions_max)
      : account_(account), sessions_max_(sessions_max) {}

  Result<std::optional<PasswordVerifier>> Verifier(std::string_view name) override {
    TARN_ASSIGN(const auto snapshot, account_.metastore().Read());
    TARN_ASSIGN(const auto head, FindFolded(*snapshot, kAccountId, ObjectKind::kUser, name));
    if (!head) return std::optional<PasswordVerifier>();
    TARN_ASSIGN(const auto user, snapshot->Find<User>(head->id));
    if (!user || user->disabled || user->scram_salt.bytes.empty()) {
      return std::optional<PasswordVerifier>();
    }
    return PasswordVerifier{.iterations = static_cast<int32_t>(user->scram_iterations),
                            .salt = user->scram_salt.bytes,
                            .stored_key = user->scram_stored_key.bytes,
                            .server_key = user->scram_server_key.bytes};
  }

  StatementResult<std::unique_ptr<Session>> Open(const SessionRequest& request) override {
    if (open_.fetch_add(1) >= sessions_max_) {
      open_.fetch_sub(1);
      return std::unexpected(AsStatementError(
          Error{ErrorKind::kResourceExhausted, "too many sessions are open", {}, {}}));
    }
    auto state = OpenState(request);
    if (!state) {
      open_.fetch_sub(1);
      return std::unexpected(std::move(state).error());
    }
    return std::make_unique<WarehouseSession>(account_, *std::move(state),
                                              [this] { open_.fetch_sub(1); });
  }

 private:
  StatementResult<SessionState> OpenState(const SessionRequest& request) {
    STATEMENT_ASSIGN(const auto snapshot, account_.metastore().Read());
    return Opening(*snapshot, request).Open();
  }

  Account& account_;
  const int32_t sessions_max_;
  std::atomic<int32_t> open_ = 0;
};

}  // namespace

std::unique_ptr<SessionFactory> MakeSessionFactory(Account& account, int32_t sessions_max) {
  return std::make_unique<Sessions>(account, sessions_max);
}

}  // namespace tarn::warehouse
