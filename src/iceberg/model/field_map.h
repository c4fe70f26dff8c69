// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <initializer_list>
#include <utility>
#include <vector>

#include "base/strong_id.h"

namespace tarn::iceberg {

/// A value per column: entries in one block of memory by ascending field id. A manifest holds six
/// for each of its files, so that the nodes of a std::map would be most of what decoding costs.
/// Adding by ascending id is constant; anywhere else it moves what follows. References and
/// iterators last until the next change. A plain value.
template <typename V>
class FieldMap {
 public:
  using value_type = std::pair<FieldId, V>;
  using iterator = std::vector<value_type>::iterator;
  using const_iterator = std::vector<value_type>::const_iterator;

  FieldMap() = default;
  FieldMap(std::initializer_list<value_type> entries)
      : FieldMap(std::vector<value_type>(entries)) {}
  /// Entries in any order; of several with one id the last one counts.
  explicit FieldMap(std::vector<value_type> entries) : entries_(std::move(entries)) {
    const auto not_ascending = [](const value_type& a, const value_type& b) {
      return a.first >= b.first;
    };
    if (std::ranges::adjacent_find(entries_, not_ascending) == entries_.end()) return;
    std::ranges::stable_sort(entries_, {}, &value_type::first);
    const auto same = [](const value_type& a, const value_type& b) { return a.first == b.first; };
    // From the end, since unique keeps the first of equals.
    const auto doubled = std::unique(entries_.rbegin(), entries_.rend(), same);
    entries_.erase(entries_.begin(), doubled.base());
  }

  bool empty() const { return entries_.empty(); }
  size_t size() const { return entries_.size(); }
  size_t capacity() const { return entries_.capacity(); }
  const_iterator begin() const { return entries_.begin(); }
  const_iterator end() const { return entries_.end(); }

  const_iterator find(FieldId id) const {
    const auto at = std::ranges::lower_bound(entries_, id, {}, &value_type::first);
    return at != entries_.end() && at->first == id ? at : entries_.end();
  }
  bool contains(FieldId id) const { return find(id) != end(); }
  /// Null if absent.
  const V* ValueOf(FieldId id) const {
    const auto found = find(id);
    return found == end() ? nullptr : &found->second;
  }
  /// REQUIRES: contains(id).
  const V& at(FieldId id) const {
    const V* value = ValueOf(id);
    assert(value != nullptr);
    return *value;
  }

  /// Adds an empty value where there is none.
  V& operator[](FieldId id) {
    if (entries_.empty() || entries_.back().first < id)
      return entries_.emplace_back(id, V{}).second;
    auto at = std::ranges::lower_bound(entries_, id, {}, &value_type::first);
    if (at->first != id) at = entries_.emplace(at, id, V{});
    return at->second;
  }
  void erase(FieldId id) {
    if (const auto found = find(id); found != end()) entries_.erase(found);
  }

  bool operator==(const FieldMap&) const = default;

 private:
  std::vector<value_type> entries_;
};

}  // namespace tarn::iceberg
