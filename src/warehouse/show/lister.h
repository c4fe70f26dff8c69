// SPDX-License-Identifier: Apache-2.0
// Which objects a SHOW lists, and in which order.
#pragma once

#include <algorithm>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "warehouse/catalogue/authority.h"
#include "warehouse/show/list_filter.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

/// Of one statement. Must not outlive snapshot, authority and filter.
class Lister {
 public:
  /// Resolves the scope: DoesNotExist where the caller may not know of the place.
  static StatementResult<Lister> Make(const Snapshot& snapshot, const Caller& caller,
                                      const Authority& authority, const ListFilter& filter);

  /// Those that the caller sees and the filter keeps: by database, schema and name, or by name
  /// alone where the scope is one schema. Without LIMIT more than kShownRowsMax are an error
  /// (090153), or cut where Snowflake's SHOW of the kind has no LIMIT.
  template <typename Noun>
  StatementResult<std::vector<Object<Noun>>> List() const {
    std::vector<Object<Noun>> listed;
    {
      STATEMENT_ASSIGN(Rows rows, Select(snapshot_->connection(),
                                         StatementsOf<Noun>().select_joined + Condition(),
                                         snapshot_->shown_session()));
      for (;;) {
        STATEMENT_ASSIGN(const bool more, rows.Next());
        if (!more) break;
        Object<Noun> object;
        STATEMENT_TRY(ReadFields(rows, 0, object.head));
        if (!Keeps(object.head)) continue;
        STATEMENT_TRY(ReadFields(rows, kFieldCount<ObjectHead>, object.value));
        listed.push_back(std::move(object));
      }
    }
    std::ranges::sort(listed, [this](const Object<Noun>& a, const Object<Noun>& b) {
      return KeyOf(a.head) < KeyOf(b.head);
    });
    STATEMENT_ASSIGN(const size_t shown, Cut(Noun::kKind, listed.size()));
    listed.erase(listed.begin() + static_cast<ptrdiff_t>(shown), listed.end());
    return listed;
  }

  /// Limits what several lists gave together: sorted by (database, schema, name).
  using Key =
      std::tuple<std::string_view, std::string_view, std::string_view, std::string_view, ObjectId>;
  Key KeyOf(const ObjectHead& head) const;
  StatementResult<size_t> Cut(ObjectKind kind, size_t rows) const;

  std::string_view DatabaseName(const ObjectHead& head) const;
  std::string_view SchemaName(const ObjectHead& head) const;

 private:
  struct Place {
    ObjectHead head;
    bool alive = true;  ///< with its container
    bool seen = true;   ///< by the caller, with its container
  };

  Lister(const Snapshot* snapshot, const Authority* authority, const ListFilter* filter)
      : snapshot_(snapshot), authority_(authority), filter_(filter) {}
  Result<> LoadPlaces();
  StatementResult<> ResolveScope(const Caller& caller);
  std::string Condition() const;
  bool Keeps(const ObjectHead& head) const;
  bool KeepsName(const ObjectHead& head) const;
  bool Sees(const ObjectHead& head) const;
  const Place* PlaceOf(ObjectId id) const;

  const Snapshot* snapshot_;
  const Authority* authority_;
  const ListFilter* filter_;
  ObjectId scope_;  ///< kAccountId: everywhere
  std::unordered_map<ObjectId, Place> places_;
  std::unordered_set<ObjectId> granted_;
  bool manages_grants_ = false;
};

}  // namespace tarn::warehouse
