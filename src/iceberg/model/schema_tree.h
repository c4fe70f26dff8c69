// SPDX-License-Identifier: Apache-2.0
// Schemas and partition specs between JSON documents and values; schema_json.h is the same for
// text.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "iceberg/json/json_members.h"
#include "iceberg/json/json_text.h"
#include "iceberg/model/partition_spec.h"
#include "iceberg/model/schema.h"

namespace tarn::iceberg {

Result<Schema> ParseSchemaTree(const Json& value, const std::string& place);
void WriteSchema(const Schema& schema, JsonText& out);

/// An array of fields; those without an id (v1) are numbered from 1000.
Result<std::vector<PartitionField>> ParsePartitionFieldsTree(const Json& array,
                                                             const std::string& place);
Result<PartitionSpec> ParsePartitionSpecTree(const Json& value, const std::string& place);
/// A spec to be added: an absent id reads as 0, that of a field as kUnassignedPartitionFieldId.
Result<PartitionSpec> ParseUnboundSpecTree(const Json& value, const std::string& place);
void WritePartitionFields(const PartitionSpec& spec, JsonText& out);
void WritePartitionSpec(const PartitionSpec& spec, JsonText& out);

Result<SortOrder> ParseSortOrderTree(const Json& value, const std::string& place);
void WriteSortOrder(const SortOrder& order, JsonText& out);

}  // namespace tarn::iceberg
