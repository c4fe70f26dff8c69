// SPDX-License-Identifier: Apache-2.0
#include "sql/bind/overload.h"

#include <algorithm>

#include "sql/bind/coercion.h"

namespace tarn::sql {
namespace {

/// How far a type is from another that it is converted to by itself.
int Distance(const DataType& from, const DataType& to) {
  using enum DataTypeKind;
  if (from.kind == to.kind) return 0;
  if (from.kind == kNull) return 1;
  if (from.kind == kNumber && to.kind == kFloat) return 1;
  if (IsTemporal(from) && IsTemporal(to)) return 1;
  if (to.kind == kVariant) return 3;
  if (to.kind == kVarchar) return 4;
  return 2;
}

int DistanceOf(const NamedFunction& function, const std::vector<NamedArgument>& arguments,
               const std::vector<std::optional<size_t>>& places) {
  int distance = 0;
  for (size_t i = 0; i < places.size(); ++i) {
    if (!places[i]) continue;
    distance += Distance(arguments[*places[i]].value.type, function.parameters[i].type);
  }
  return distance;
}

}  // namespace

std::optional<std::vector<std::optional<size_t>>> MatchArguments(
    const NamedFunction& function, const std::vector<NamedArgument>& arguments) {
  std::vector<std::optional<size_t>> places(function.parameters.size());
  for (size_t i = 0; i < arguments.size(); ++i) {
    size_t place = i;
    if (!arguments[i].name.empty()) {
      const auto named =
          std::ranges::find(function.parameters, arguments[i].name, &NamedParameter::name);
      place = static_cast<size_t>(named - function.parameters.begin());
    }
    if (place >= places.size() || places[place]) return std::nullopt;
    places[place] = i;
  }
  for (size_t i = 0; i < places.size(); ++i) {
    const NamedParameter& parameter = function.parameters[i];
    const bool fits = places[i] ? CanConvert(arguments[*places[i]].value.type, parameter.type)
                                : parameter.default_sql.has_value();
    if (!fits) return std::nullopt;
  }
  return places;
}

const NamedFunction* ChooseOverload(const std::vector<NamedFunction>& functions,
                                    const std::vector<NamedArgument>& arguments) {
  const NamedFunction* best = nullptr;
  int best_distance = 0;
  for (const NamedFunction& function : functions) {
    if (best != nullptr && function.place != best->place) break;
    const auto places = MatchArguments(function, arguments);
    if (!places) continue;
    const int distance = DistanceOf(function, arguments, *places);
    if (best != nullptr && distance >= best_distance) continue;
    best = &function;
    best_distance = distance;
  }
  return best;
}

}  // namespace tarn::sql
