// SPDX-License-Identifier: Apache-2.0
// The one place that words what can be wrong with objects, with Snowflake's texts, codes and
// SQLSTATEs.
#pragma once

#include <string>
#include <string_view>

#include "warehouse/objects/object_kind.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

/// 002003 (02000, for relations 42S02): also where the role may not know of it.
StatementFailure DoesNotExist(ObjectKind kind, std::string_view name);
/// The same where any relation would do: "Object 'X' does not exist or not authorized."
StatementFailure NoSuchObject(std::string_view name);
/// 002002 (42710).
StatementFailure AlreadyExists(std::string_view name);
/// 003001 (42501).
StatementFailure InsufficientPrivileges(ObjectKind kind, std::string_view name);
/// 090105 (22000): `action` as in "CREATE TABLE".
StatementFailure NoCurrentDatabase(std::string_view action);
/// 090106 (22000).
StatementFailure NoCurrentSchema(std::string_view action);
/// 001008 (22023).
StatementFailure InvalidParameterValue(std::string_view parameter, std::string_view value);
/// 001006 (22023): no session parameter of that name.
StatementFailure InvalidParameterName(std::string_view parameter);
/// 002029 (42601).
StatementFailure MissingOption(std::string_view option);
/// 001003 (42000) and what else is wrong with a statement as it was written.
StatementFailure CompilationError(std::string_view code, std::string_view sqlstate,
                                  std::string_view text);
/// 000002 (0A000).
StatementFailure UnsupportedFeature(std::string_view feature);
/// 002008 (42601)-like: a thing that other objects need cannot go.
StatementFailure InUse(ObjectKind kind, std::string_view name, std::string_view by);
/// 003029 (2BP01): DROP … RESTRICT of what foreign keys point to, and the like.
StatementFailure DependentObjects(ObjectKind kind, std::string_view name, std::string_view of);

}  // namespace tarn::warehouse
