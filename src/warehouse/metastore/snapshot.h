// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "warehouse/metastore/object_tables.h"
#include "warehouse/metastore/role_graph.h"
#include "warehouse/objects/definition.h"

namespace tarn::warehouse {

/// The metastore as it is at one moment. Used by one thread at a time. It gives whatever stands in
/// the file, without asking for privileges: those are the callers' (catalogue/authority.h).
class Snapshot {
 public:
  Snapshot(Connection* connection, int64_t version, int64_t now_ms)
      : connection_(connection), version_(version), now_ms_(now_ms) {}
  virtual ~Snapshot() = default;
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

  Connection& connection() const { return *connection_; }
  /// Counts the transactions that changed something; inside one, that before it.
  int64_t version() const { return version_; }
  /// When it was taken.
  int64_t now_ms() const { return now_ms_; }

  /// Lists (Heads, Objects) show this session's temporary objects, too; without it only what is
  /// everybody's.
  void ShowTemporaryOf(std::string session) { session_ = std::move(session); }
  const std::string& shown_session() const { return session_; }

  /// By id, dropped or not, whosever it is; absent once it is purged, and for the account.
  Result<std::optional<ObjectHead>> FindHead(ObjectId id) const;
  /// The living one of the name in a living or dropped container: the session's temporary one, or
  /// else everybody's.
  Result<std::optional<ObjectHead>> FindNamed(ObjectId container, std::string_view family,
                                              std::string_view name,
                                              std::string_view signature = "",
                                              std::string_view session = "") const;
  /// "DB.SCHEMA.NAME" as messages show it; "" for an id that is gone.
  Result<std::string> QualifiedName(ObjectId id) const;
  /// Neither it nor a container of it is dropped.
  Result<bool> IsAlive(ObjectId id) const;

  /// What it is beyond its head; absent where `id` is no Noun.
  template <typename Noun>
  Result<std::optional<Noun>> Find(ObjectId id) const {
    TARN_ASSIGN(Rows rows, Select(*connection_, StatementsOf<Noun>().select_id, id));
    TARN_ASSIGN(const bool found, rows.Next());
    if (!found) return std::optional<Noun>();
    Noun noun;
    TARN_TRY(ReadFields(rows, 0, noun));
    return std::optional<Noun>(std::move(noun));
  }
  Result<Definition> DefinitionOf(const ObjectHead& head) const;

  /// Heads by a condition on `object o` (a literal, with "?" alone for its values in order).
  template <typename... Values>
  Result<std::vector<ObjectHead>> Heads(std::string_view condition, const Values&... values) const {
    TARN_ASSIGN(Rows rows, Select(*connection_, kSelectShownHead + " " + std::string(condition),
                                  session_, values...));
    return ReadHeads(rows);
  }
  /// The same, with temporary objects of all sessions.
  template <typename... Values>
  Result<std::vector<ObjectHead>> AllHeads(std::string_view condition,
                                           const Values&... values) const {
    TARN_ASSIGN(Rows rows,
                Select(*connection_, kSelectHead + " " + std::string(condition), values...));
    return ReadHeads(rows);
  }
  /// Objects whole, by a condition on `object o` and the kind's table `k` (a literal, as above).
  template <typename Noun, typename... Values>
  Result<std::vector<Object<Noun>>> Objects(std::string_view condition,
                                            const Values&... values) const {
    const std::string sql = StatementsOf<Noun>().select_joined + " " + std::string(condition);
    TARN_ASSIGN(Rows rows, Select(*connection_, sql, session_, values...));
    std::vector<Object<Noun>> objects;
    for (;;) {
      TARN_ASSIGN(const bool more, rows.Next());
      if (!more) return objects;
      Object<Noun>& object = objects.emplace_back();
      TARN_TRY(ReadFields(rows, 0, object.head));
      TARN_TRY(ReadFields(rows, kFieldCount<ObjectHead>, object.value));
    }
  }

  /// Which roles have which; of this moment.
  virtual Result<std::shared_ptr<const RoleGraph>> Roles() const = 0;

 protected:
  static Result<std::vector<ObjectHead>> ReadHeads(Rows& rows);

  Connection* connection_;
  int64_t version_;
  int64_t now_ms_;
  std::string session_;
};

}  // namespace tarn::warehouse
