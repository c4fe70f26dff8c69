// SPDX-License-Identifier: Apache-2.0
// What QueryNames answers to calls in expressions: functions of the session and of users, numbers
// of sequences.
#include "warehouse/catalogue/authority.h"
#include "warehouse/catalogue/names.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/session/query_names.h"
#include "warehouse/session/system_functions.h"
#include "warehouse/session/user_functions.h"

namespace tarn::warehouse {

bool QueryNames::MayBeSystemFunction(const std::string& name) const {
  return FindSystemFunction(name) != nullptr;
}

sql::SqlResult<std::optional<sql::bound::Expression>> QueryNames::SystemFunction(
    const std::string& name, const std::vector<sql::bound::Expression>& arguments) {
  const warehouse::SystemFunction* const function = FindSystemFunction(name);
  if (function == nullptr) return std::optional<sql::bound::Expression>();
  if (arguments.size() < function->arguments_min || arguments.size() > function->arguments_max) {
    const bool few = arguments.size() < function->arguments_min;
    StatementFailure failure = CompilationError(
        few ? "000938" : "000939", "22023",
        fmt::format("{} arguments for function [{}]", few ? "not enough" : "too many", name));
    return std::unexpected(Telling(std::move(failure).error()));
  }
  auto value = function->compute(
      {.name = name, .moment = *moment_, .caller = caller_, .arguments = arguments});
  if (!value) return std::unexpected(Telling(std::move(value).error()));
  return std::optional<sql::bound::Expression>(*std::move(value));
}

sql::SqlResult<std::vector<sql::NamedFunction>> QueryNames::Functions(
    const std::vector<std::string>& parts) {
  auto callable = CallableFunctions(*moment_->snapshot, caller_, ObjectNameOf(parts));
  if (!callable) return std::unexpected(Telling(std::move(callable).error()));
  std::vector<sql::NamedFunction> functions;
  for (const CallableFunction& each : *callable) {
    // With its owner's rights, names relative to where it lies, and the session's variables unless
    // a view calls it.
    auto names = std::make_shared<QueryNames>(moment_,
                                              Caller{.role = each.object.head.owner,
                                                     .secondary_roles = {},
                                                     .database = each.database.name,
                                                     .schema = each.schema.name},
                                              true, point_);
    names->sees_variables_ = sees_variables_;
    functions.push_back(AsNamed(each, std::move(names)));
  }
  return functions;
}

sql::SqlResult<std::optional<sql::NamedSequence>> QueryNames::Sequence(
    const std::vector<std::string>& parts) {
  const Snapshot& snapshot = *moment_->snapshot;
  const ObjectName name = ObjectNameOf(parts);
  const auto find = [&]() -> StatementResult<std::optional<sql::NamedSequence>> {
    STATEMENT_ASSIGN(const Authority authority, Authority::Of(snapshot, caller_));
    const auto head = Resolve(snapshot, caller_, authority, ObjectKind::kSequence, name, "NEXTVAL");
    // Told as the unknown column that it may have been meant for.
    if (!head) return std::optional<sql::NamedSequence>();
    STATEMENT_TRY(authority.Require(*head, kUsage));
    return sql::NamedSequence{.id = head->id.value(), .name = name.Written()};
  };
  auto found = find();
  if (!found) return std::unexpected(Telling(std::move(found).error()));
  return *std::move(found);
}

}  // namespace tarn::warehouse
