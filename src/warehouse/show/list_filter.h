// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "warehouse/catalogue/caller.h"

namespace tarn::warehouse {

enum class ListScope : uint8_t {
  kDefault,  ///< the current database where there is one, else the account
  kAccount,
  kDatabase,
  kSchema,
};

/// The clauses of SHOW. A plain value.
struct ListFilter {
  std::optional<std::string> like;  ///< any case, % and _
  ListScope scope = ListScope::kDefault;
  /// Of kDatabase: `name` is the database's; of kSchema: as of any schema. Absent: the current one.
  std::optional<ObjectName> place;
  std::optional<std::string> starts_with;  ///< as written
  std::optional<int64_t> limit;
  std::optional<std::string> from;  ///< only names after this one
  bool history = false;             ///< dropped ones too
  bool terse = false;
  // No clauses of SHOW:
  bool whole = false;  ///< however many there are
  /// False: MANAGE GRANTS alone shows nothing.
  bool with_managed_grants = true;
};

inline constexpr int64_t kShownRowsMax = 10'000;

/// SQL's LIKE without regard to case (of ASCII letters); `\` escapes.
bool MatchesLike(std::string_view text, std::string_view pattern);

}  // namespace tarn::warehouse
