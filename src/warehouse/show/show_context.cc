// SPDX-License-Identifier: Apache-2.0
#include "warehouse/show/show_context.h"

#include "warehouse/metastore/parameters.h"

namespace tarn::warehouse {
namespace {

constexpr int64_t kMsPerDay = 86'400'000;

/// Computed once per id.
template <typename Compute>
std::string Remembered(std::unordered_map<ObjectId, std::string>& known, ObjectId id,
                       Compute compute) {
  const auto found = known.find(id);
  if (found != known.end()) return found->second;
  return known.emplace(id, compute()).first->second;
}

}  // namespace

std::string ShowContext::NameOf(ObjectId id) const {
  return Remembered(names_, id, [&] {
    const auto head = Take(snapshot_.FindHead(id));
    return head ? head->name : std::string();
  });
}

std::string ShowContext::OwnerTypeOf(ObjectId id) const {
  if (id == ObjectId()) return {};
  return Remembered(owner_types_, id, [&] {
    const auto head = Take(snapshot_.FindHead(id));
    const bool application = head && head->kind == ObjectKind::kApplication;
    return std::string(application ? "APPLICATION" : "ROLE");
  });
}

std::string ShowContext::QualifiedNameOf(ObjectId id) const {
  return Remembered(qualified_names_, id, [&] { return Take(snapshot_.QualifiedName(id)); });
}

std::string ShowContext::RetentionDays(const ObjectHead& head) const {
  if (!own_retentions_) own_retentions_ = Take(ValuesOf(snapshot_, kRetentionParameter));
  const auto own = own_retentions_->find(head.id);
  if (own != own_retentions_->end()) return own->second;
  return Remembered(container_retentions_, head.container, [&] {
    return std::to_string(Take(RetentionMs(snapshot_, head.container)) / kMsPerDay);
  });
}

std::optional<User> ShowContext::CurrentUser() const {
  return Take(snapshot_.Find<User>(caller_.user));
}

}  // namespace tarn::warehouse
