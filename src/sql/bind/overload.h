// SPDX-License-Identifier: Apache-2.0
// Which of a user's functions of one name a call means (Snowflake, "Naming and overloading
// procedures and UDFs").
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "sql/bind/names.h"

namespace tarn::sql {

/// For every parameter, which argument is its value; absent: its default. Nothing where the call
/// does not fit: too many arguments, an unknown name, none for a parameter without default, a type
/// that is not converted by itself.
std::optional<std::vector<std::optional<size_t>>> MatchArguments(
    const NamedFunction& function, const std::vector<NamedArgument>& arguments);

/// Of the functions of the first schema in which one fits, the one whose parameters are nearest to
/// the arguments' types; of equals, the first. Null: none fits.
const NamedFunction* ChooseOverload(const std::vector<NamedFunction>& functions,
                                    const std::vector<NamedArgument>& arguments);

}  // namespace tarn::sql
