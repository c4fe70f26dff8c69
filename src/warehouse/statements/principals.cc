// SPDX-License-Identifier: Apache-2.0
// ROLE and USER.
#include "sql/syntax/name.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/session/rsa_key.h"
#include "warehouse/session/verifier.h"
#include "warehouse/statements/object_statements.h"
#include "warehouse/statements/option_reader.h"

namespace tarn::warehouse {
namespace {

namespace syntax = sql::syntax;

/// Keys of the statement that are set; 394304 (22023) for what is no public key.
StatementResult<> ReadKeys(OptionReader& options, User& user) {
  const auto take = [&options](const char* option, std::string& member) -> StatementResult<> {
    const auto key = options.Text(option);
    if (!key) return {};
    if (!key->empty() && RsaFingerprint(*key).empty()) {
      return CompilationError("394304", "22023",
                              "New public key rejected by current policy. "
                              "Reason: 'Invalid public key'");
    }
    member = *key;
    return {};
  };
  STATEMENT_TRY(take("RSA_PUBLIC_KEY", user.rsa_public_key));
  return take("RSA_PUBLIC_KEY_2", user.rsa_public_key_2);
}

/// Sets what is written, and leaves the rest.
StatementResult<> ReadUser(OptionReader& options, int64_t now_ms, const std::string& user_name,
                           User& user) {
  const auto text = [&](std::string_view key, std::string& member) {
    if (auto value = options.Text(key)) member = *std::move(value);
  };
  text("DISPLAY_NAME", user.display_name);
  text("FIRST_NAME", user.first_name);
  text("MIDDLE_NAME", user.middle_name);
  text("LAST_NAME", user.last_name);
  text("EMAIL", user.email);
  text("DEFAULT_WAREHOUSE", user.default_warehouse);
  text("DEFAULT_NAMESPACE", user.default_namespace);
  text("DEFAULT_ROLE", user.default_role);
  if (auto type = options.Word("TYPE", {"PERSON", "SERVICE", "LEGACY_SERVICE"})) {
    user.type = *std::move(type);
  }
  if (const auto disabled = options.Bool("DISABLED")) user.disabled = *disabled;
  const bool must_change = options.Bool("MUST_CHANGE_PASSWORD").value_or(false);
  if (auto roles = options.Texts("DEFAULT_SECONDARY_ROLES")) {
    user.default_secondary_roles = *std::move(roles);
  }
  STATEMENT_TRY(ReadKeys(options, user));
  const auto password = options.Text("PASSWORD");
  const auto login_name = options.Text("LOGIN_NAME");
  STATEMENT_TRY(options.Finish());
  // No protocol of ours asks for a new password.
  if (must_change) return UnsupportedFeature("MUST_CHANGE_PASSWORD");
  if (login_name && syntax::UpperCase(*login_name) != syntax::UpperCase(user_name)) {
    return UnsupportedFeature("LOGIN_NAME other than the user's name");
  }
  if (password) STATEMENT_TRY(SetPassword(user, *password, now_ms));
  return {};
}

StatementResult<> UnsetOfUser(const std::string& key, int64_t now_ms, User& user) {
  const User fresh;
  if (key == "PASSWORD") {
    user.scram_salt = user.scram_stored_key = user.scram_server_key = {};
    // Whoever knew the old one is shut out: tokens from before this moment count no more.
    user.password_set_ms = now_ms;
  } else if (key == "DEFAULT_WAREHOUSE") {
    user.default_warehouse.clear();
  } else if (key == "DEFAULT_NAMESPACE") {
    user.default_namespace.clear();
  } else if (key == "DEFAULT_ROLE") {
    user.default_role.clear();
  } else if (key == "DEFAULT_SECONDARY_ROLES") {
    user.default_secondary_roles = fresh.default_secondary_roles;
  } else if (key == "DISABLED") {
    user.disabled = false;
  } else if (key == "RSA_PUBLIC_KEY") {
    user.rsa_public_key.clear();
  } else if (key == "RSA_PUBLIC_KEY_2") {
    user.rsa_public_key_2.clear();
  } else if (key == "EMAIL") {
    user.email.clear();
  } else {
    return InvalidParameterName(key);
  }
  return {};
}

}  // namespace

Outcome CreateRole(StatementContext& context, const syntax::CreateObject& create) {
  STATEMENT_ASSIGN(CreateRequest request, HeadOf(context, create.head));
  OptionReader options(context, "ROLE", create.options);
  request.definition = Role{};
  request.comment = options.Text("COMMENT").value_or("");
  STATEMENT_TRY(options.Finish());
  return CreateAndTell(context, request);
}

Outcome CreateUser(StatementContext& context, const syntax::CreateObject& create) {
  STATEMENT_ASSIGN(CreateRequest request, HeadOf(context, create.head));
  OptionReader options(context, "USER", create.options);
  request.comment = options.Text("COMMENT").value_or("");
  User user{.login_name = request.name.name, .display_name = request.name.name};
  STATEMENT_TRY(ReadUser(options, context.account->clock().NowMs(), request.name.name, user));
  request.definition = std::move(user);
  return CreateAndTell(context, request);
}

Outcome AlterUser(StatementContext& context, const syntax::AlterObject& alter) {
  // ALTER USER SET … without a name is the session's own.
  STATEMENT_ASSIGN(const AlterRequest request,
                   AlterRequestOf(context, alter, context.session->user));
  return AlterByActions<User>(
      context, alter, request,
      [&](Alteration& alteration, User& user,
          const syntax::AlterAction& action) -> StatementResult<> {
        if (const auto* set = std::get_if<syntax::SetOptions>(&action)) {
          OptionReader options(context, "USER", set->options);
          alteration.comment = options.Text("COMMENT");
          return ReadUser(options, alteration.transaction.now_ms(), alteration.head.name, user);
        }
        const auto* unset = std::get_if<syntax::UnsetOptions>(&action);
        if (unset == nullptr) return UnsupportedClause(alter);
        for (const std::string& key : unset->keys)
          STATEMENT_TRY(UnsetOfUser(key, alteration.transaction.now_ms(), user));
        return {};
      });
}

}  // namespace tarn::warehouse
