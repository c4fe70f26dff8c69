// SPDX-License-Identifier: Apache-2.0
#include "scan/scan_columns.h"

extern "C" {
#include <access/htup_details.h>
}

#include <algorithm>
#include <iterator>

#include "boundary/guard.h"
#include "definition/table_fields.h"
#include "definition/type_drift.h"
#include "transaction/pending.h"
#include "values/row_packer.h"

namespace tarn::extension {
namespace {

void CollectFields(const Filter& filter, std::vector<FieldId>& ids) {
  const bool connective =
      filter.op == FilterOp::kAnd || filter.op == FilterOp::kOr || filter.op == FilterOp::kNot;
  if (!connective && std::ranges::find(ids, filter.field) == ids.end()) ids.push_back(filter.field);
  for (const Filter& child : filter.children) CollectFields(child, ids);
}

}  // namespace

ScanFields::ScanFields(Relation relation, TupleDesc descriptor)
    : relation_(relation), descriptor_(descriptor) {
  std::vector<Field> live = FieldsOf(relation, descriptor);
  fields_.resize(static_cast<size_t>(descriptor->natts));
  size_t next = 0;
  for (int i = 0; i < descriptor->natts; ++i) {
    if (!TupleDescAttr(descriptor, i)->attisdropped) {
      fields_[static_cast<size_t>(i)] = std::move(live.at(next++));
    }
  }
}

void ScanFields::RequireTypes(std::vector<AttributeType> stored) {
  std::ranges::move(stored, std::back_inserter(stored_));
}

lake::ScanColumnRequest ScanFields::Request(AttrNumber attnum) const {
  lake::ScanColumnRequest request;
  request.field = *fields_[static_cast<size_t>(attnum - 1)];
  const FormData_pg_attribute& attribute = *TupleDescAttr(descriptor_, attnum - 1);
  for (const AttributeType& stored : stored_) {
    if (stored.attnum != attnum) continue;
    RequireStoredType(RelationGetRelationName(relation_), attribute, stored.type,
                      TypeText(request.field.type));
  }
  if (attribute.atthasmissing) {
    bool is_null = false;
    const Datum value = Pg([&] { return getmissingattr(descriptor_, attnum, &is_null); });
    if (!is_null) request.default_batch = EncodeDatum(attribute, value, false);
  }
  return request;
}

std::optional<lake::ScanColumnRequest> ScanFields::Find(AttrNumber attnum) const {
  const auto index = static_cast<size_t>(attnum - 1);
  if (index >= fields_.size() || !fields_[index]) return std::nullopt;
  return Request(attnum);
}

std::vector<lake::ScanColumnRequest> ScanFields::FilterColumns(
    const Filter& filter, const std::vector<lake::ScanColumnRequest>& columns) const {
  std::vector<FieldId> ids;
  CollectFields(filter, ids);
  std::vector<lake::ScanColumnRequest> missing;
  for (size_t i = 0; i < fields_.size(); ++i) {
    if (!fields_[i] || std::ranges::find(ids, fields_[i]->id) == ids.end()) continue;
    const bool present = std::ranges::any_of(
        columns, [&](const auto& column) { return column.field.id == fields_[i]->id; });
    if (!present) missing.push_back(Request(static_cast<AttrNumber>(i + 1)));
  }
  return missing;
}

}  // namespace tarn::extension
