// SPDX-License-Identifier: Apache-2.0
// Schemas, partition specs and sort orders of the metadata file.
#include <algorithm>
#include <iterator>
#include <set>

#include "iceberg/fsck/run.h"
#include "iceberg/json/json_members.h"
#include "iceberg/json/metadata_fields.h"
#include "iceberg/model/metadata_columns.h"
#include "iceberg/values/partition_tuple.h"

namespace tarn::iceberg::fsck {
namespace {

template <typename Items>
void CheckUniqueIds(Run& run, const Items& items, std::string_view code, std::string_view what) {
  std::set<int32_t> seen;
  for (const auto& item : items) {
    if (!seen.insert(item.id.value()).second) {
      run.Error(code, run.metadata_location, "{} {} is defined twice", what, item.id.value());
    }
  }
}

void CheckSchemas(Run& run) {
  CheckUniqueIds(run, run.metadata.schemas, "duplicate-schema-id", "schema");
  for (const Schema& schema : run.metadata.schemas) {
    if (const auto valid = ValidateSchema(schema, run.metadata.format_version); !valid) {
      run.Error("schema-invalid", run.metadata_location, "schema {}: {}", schema.id.value(),
                valid.error().message);
    }
    if (schema.HighestFieldId() > run.metadata.last_column_id) {
      run.Error("last-column-id-too-low", run.metadata_location,
                "schema {} has a field {}, last-column-id is {}", schema.id.value(),
                schema.HighestFieldId().value(), run.metadata.last_column_id.value());
    }
  }
}

void CheckPartitionSpecs(Run& run) {
  CheckUniqueIds(run, run.metadata.partition_specs, "duplicate-spec-id", "partition spec");
  for (const PartitionSpec& spec : run.metadata.partition_specs) {
    std::set<int32_t> ids;
    std::set<std::string> names;
    for (const PartitionField& field : spec.fields) {
      if (!ids.insert(field.id.value()).second || !names.insert(field.name).second) {
        run.Error("partition-field-duplicate", run.metadata_location,
                  "partition spec {} has two fields \"{}\" or two fields with id {}",
                  spec.id.value(), field.name, field.id.value());
      }
      if (field.id > run.metadata.last_partition_id) {
        run.Error("last-partition-id-too-low", run.metadata_location,
                  "partition spec {} has a field {}, last-partition-id is {}", spec.id.value(),
                  field.id.value(), run.metadata.last_partition_id.value());
      }
    }
    // Older specs may name columns that are gone since.
    if (spec.id != run.metadata.default_spec_id) continue;
    if (const auto types = PartitionTypes(run.metadata.current_schema(), spec); !types) {
      run.Error("partition-source", run.metadata_location, "default partition spec {}: {}",
                spec.id.value(), types.error().message);
    }
  }
}

void CheckSortOrders(Run& run) {
  CheckUniqueIds(run, run.metadata.sort_orders, "duplicate-sort-order-id", "sort order");
  bool found = false;
  for (const SortOrder& order : run.metadata.sort_orders) {
    if ((order.id.value() == 0) != order.fields.empty()) {
      run.Error("sort-order-zero", run.metadata_location,
                "sort order {} has {} fields; 0, and no other, is unsorted", order.id.value(),
                order.fields.size());
    }
    if (order.id != run.metadata.default_sort_order_id) continue;
    found = true;
    for (const SortField& field : order.fields) {
      for (const FieldId source : field.source_ids) {
        if (run.metadata.current_schema().FindField(source) != nullptr) continue;
        run.Error("sort-source", run.metadata_location,
                  "default sort order {} sorts by field {}, which the schema lacks",
                  order.id.value(), source.value());
      }
    }
  }
  if (!found) {
    run.Error("default-sort-order-missing", run.metadata_location,
              "default-sort-order-id {} is not among the sort orders",
              run.metadata.default_sort_order_id.value());
  }
}

void CheckEncryptionKeys(Run& run) {
  std::set<std::string> ids;
  for (const EncryptedKey& key : run.metadata.encryption_keys) {
    if (!ids.insert(key.key_id).second) {
      run.Error("encryption-key-duplicate", run.metadata_location,
                "encryption key \"{}\" is listed twice", key.key_id);
    }
  }
  for (const auto& snapshot : run.metadata.snapshots) {
    if (snapshot->unknown_members_json.empty()) continue;
    const auto members = ParseJson(snapshot->unknown_members_json, "snapshot");
    const auto key = members ? members->find(field::kKeyId) : Json::const_iterator();
    if (!members || key == members->end() || !key->is_string()) continue;
    if (!ids.contains(key->get<std::string>())) {
      run.Error("snapshot-key-missing", run.metadata_location,
                "the list of snapshot {} is encrypted by key \"{}\", which the table lacks",
                snapshot->id.value(), key->get<std::string>());
    }
  }
}

/// Files of rows that moved store what no schema lists.
const Field* FindLineageColumn(FieldId id) {
  static const Type kLong = Type::Primitive(TypeKind::kLong);
  static const Field kColumns[] = {
      {.id = metadata_column::kRowId, .name = "_row_id", .type = kLong},
      {.id = metadata_column::kLastUpdatedSequence,
       .name = "_last_updated_sequence_number",
       .type = kLong}};
  const auto found = std::ranges::find(kColumns, id, &Field::id);
  return found == std::end(kColumns) ? nullptr : found;
}

}  // namespace

const Field* Run::FindField(FieldId id) const {
  if (const Field* field = metadata.current_schema().FindField(id)) return field;
  for (auto schema = metadata.schemas.rbegin(); schema != metadata.schemas.rend(); ++schema) {
    if (const Field* field = schema->FindField(id)) return field;
  }
  return metadata.format_version >= 3 ? FindLineageColumn(id) : nullptr;
}

void CheckDefinitions(Run& run) {
  CheckSchemas(run);
  CheckPartitionSpecs(run);
  CheckSortOrders(run);
  CheckEncryptionKeys(run);
  if (run.metadata.location.ends_with('/')) {
    run.Note("location-slash", run.metadata_location, "the table's location ends with a slash");
  }
  if (run.metadata.format_version >= 3 && !run.metadata.next_row_id) {
    run.Error("next-row-id-missing", run.metadata_location, "version 3 requires next-row-id");
  }
}

}  // namespace tarn::iceberg::fsck
