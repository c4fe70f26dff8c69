// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

namespace tarn::server::catalogues {

/// Names as PostgreSQL can hold them: at most 63 bytes. A longer one is cut between characters and
/// ends with `~` and its number, as does one that others have already. Of one space of names.
class ShortNames {
 public:
  std::string Add(std::string_view name, int64_t number);
  /// A name that nobody may have.
  void Reserve(std::string_view name) { taken_.insert(std::string(name)); }

 private:
  std::set<std::string> taken_;
};

/// As Add gives it where nobody else has the name.
std::string ShortName(std::string_view name, int64_t number);

}  // namespace tarn::server::catalogues
