// SPDX-License-Identifier: Apache-2.0
// Partition tuples as the Avro record `r102` of a manifest (spec, "Manifests", Appendix A).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/value.h"
#include "iceberg/avro/binary_reader.h"
#include "iceberg/avro/binary_writer.h"
#include "iceberg/avro/schema.h"
#include "iceberg/model/partition_spec.h"
#include "iceberg/model/schema.h"

namespace tarn::iceberg {

/// Result types of the spec's fields over the schema. InvalidArgument naming the field when its
/// source column is gone and the transform's result depends on it, or when the transform is
/// unknown.
Result<std::vector<Type>> PartitionTypes(const Schema& schema, const PartitionSpec& spec);

/// True if the value is null or of the alternative that base/value.h gives the type.
bool IsOfType(const Type& type, const Value& value);

/// `name` with what Avro forbids replaced, in the way that other writers do it.
std::string AvroName(std::string_view name);

/// Writes tuples of one spec. A plain value.
class PartitionTupleWriter {
 public:
  static Result<PartitionTupleWriter> Make(const Schema& schema, const PartitionSpec& spec);
  std::string SchemaJson() const;
  /// InvalidArgument if the tuple does not fit the spec.
  Result<> Write(std::span<const Value> tuple, avro::BinaryWriter& out) const;
  const std::vector<Type>& types() const { return types_; }

 private:
  std::vector<PartitionField> fields_;
  std::vector<Type> types_;
};

/// Reads tuples as they were declared; values get the alternative of the spec's types where these
/// are known. The node outlives it.
class PartitionTupleReader {
 public:
  /// `types`: of `spec`, or empty when they are not known. A spec without fields takes the declared
  /// ones.
  PartitionTupleReader(const avro::Node& record, const PartitionSpec& spec,
                       std::vector<Type> types);
  /// One value per field of the spec, null for those that the file does not have.
  std::vector<Value> Read(avro::BinaryReader& in) const;

 private:
  const avro::Node& record_;
  std::vector<int> target_;  ///< of each declared field: its place in the tuple, or -1
  std::vector<Type> types_;
  size_t size_ = 0;
};

}  // namespace tarn::iceberg
