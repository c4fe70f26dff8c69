// SPDX-License-Identifier: Apache-2.0
#include "warehouse/metastore/snapshot.h"

namespace tarn::warehouse {

Result<std::vector<ObjectHead>> Snapshot::ReadHeads(Rows& rows) {
  std::vector<ObjectHead> heads;
  for (;;) {
    TARN_ASSIGN(const bool more, rows.Next());
    if (!more) return heads;
    TARN_TRY(ReadFields(rows, 0, heads.emplace_back()));
  }
}

Result<std::optional<ObjectHead>> Snapshot::FindHead(ObjectId id) const {
  TARN_ASSIGN(std::vector<ObjectHead> heads, AllHeads("WHERE o.id = ?", id));
  if (heads.empty()) return std::optional<ObjectHead>();
  return std::optional<ObjectHead>(std::move(heads.front()));
}

Result<std::optional<ObjectHead>> Snapshot::FindNamed(ObjectId container, std::string_view family,
                                                      std::string_view name,
                                                      std::string_view signature,
                                                      std::string_view session) const {
  TARN_ASSIGN(std::vector<ObjectHead> heads,
              AllHeads("WHERE o.container_id = ? AND o.family = ? AND o.name = ? AND "
                       "o.signature = ? AND o.session IN ('', ?) AND o.dropped_ms IS NULL "
                       "ORDER BY o.session DESC LIMIT 1",
                       container, family, name, signature, session));
  if (heads.empty()) return std::optional<ObjectHead>();
  return std::optional<ObjectHead>(std::move(heads.front()));
}

Result<std::string> Snapshot::QualifiedName(ObjectId id) const {
  std::string name;
  while (id != kAccountId) {
    TARN_ASSIGN(const std::optional<ObjectHead> head, FindHead(id));
    if (!head) return name;
    name = name.empty() ? head->name + head->signature : head->name + "." + name;
    id = head->container;
  }
  return name;
}

Result<bool> Snapshot::IsAlive(ObjectId id) const {
  while (id != kAccountId) {
    TARN_ASSIGN(const std::optional<ObjectHead> head, FindHead(id));
    if (!head || head->dropped_ms) return false;
    id = head->container;
  }
  return true;
}

namespace {

template <size_t I = 0>
Result<Definition> DefinitionOfKind(const Snapshot& snapshot, const ObjectHead& head) {
  if constexpr (I == std::variant_size_v<Definition>) {
    return Fail(ErrorKind::kInternal, "objects of kind {} have no definition",
                FactsOf(head.kind).stored);
  } else {
    using Noun = std::variant_alternative_t<I, Definition>;
    if (Noun::kKind != head.kind) return DefinitionOfKind<I + 1>(snapshot, head);
    TARN_ASSIGN(std::optional<Noun> noun, snapshot.Find<Noun>(head.id));
    if (noun) return Definition(*std::move(noun));
    return Fail(ErrorKind::kCorruption, "object {} ({}) has no row of its kind", head.id.value(),
                FactsOf(head.kind).stored);
  }
}

}  // namespace

Result<Definition> Snapshot::DefinitionOf(const ObjectHead& head) const {
  return DefinitionOfKind(*this, head);
}

}  // namespace tarn::warehouse
