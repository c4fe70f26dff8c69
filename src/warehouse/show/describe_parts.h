// SPDX-License-Identifier: Apache-2.0
// Inside of show/: what each kind's DESCRIBE consists of.
#pragma once

#include <string>
#include <string_view>

#include "warehouse/show/row_set.h"
#include "warehouse/show/show_context.h"

namespace tarn::warehouse {

/// Rows `property, property_type, property_value, property_default`, perhaps with a parent before.
class PropertyRows {
 public:
  explicit PropertyRows(bool with_parent) : with_parent_(with_parent) {
    if (with_parent) set_.columns.push_back({"parent_property"});
    for (const char* name : {"property", "property_type", "property_value", "property_default"}) {
      set_.columns.push_back({name});
    }
  }
  void Under(std::string parent) { parent_ = std::move(parent); }
  void Text(std::string property, std::string value, std::string fallback = "") {
    Add(std::move(property), "String", std::move(value), std::move(fallback));
  }
  void Boolean(std::string property, bool value, bool fallback) {
    Add(std::move(property), "Boolean", value ? "true" : "false", fallback ? "true" : "false");
  }
  void List(std::string property, const std::vector<std::string>& values) {
    std::string joined;
    for (const std::string& value : values) joined += (joined.empty() ? "" : ",") + value;
    Add(std::move(property), "List", joined, "[]");
  }
  void Add(std::string property, std::string type, std::string value, std::string fallback) {
    std::vector<Value> row;
    if (with_parent_) row.push_back(parent_);
    for (std::string* cell : {&property, &type, &value, &fallback}) row.push_back(std::move(*cell));
    set_.rows.push_back(std::move(row));
  }
  RowSet Take() { return std::move(set_); }

 private:
  const bool with_parent_;
  std::string parent_;
  RowSet set_;
};

/// Rows of two texts; NULL where there is no value.
class PairRows {
 public:
  PairRows(std::string_view first, std::string_view second) { set_.columns = {{first}, {second}}; }
  void Add(std::string name, Value value) {
    set_.rows.push_back({std::move(name), std::move(value)});
  }
  RowSet Take() { return std::move(set_); }

 private:
  RowSet set_;
};

RowSet DescribeColumns(const std::vector<Column>& columns,
                       const std::vector<Constraint>& constraints);
RowSet DescribeValue(const ShowContext& context, const Object<Stage>& object);
RowSet DescribeValue(const ShowContext& context, const Object<FileFormat>& object);
RowSet DescribeValue(const ShowContext& context, const Object<StorageIntegration>& object);
RowSet DescribeValue(const ShowContext& context, const Object<CatalogIntegration>& object);
RowSet DescribeValue(const ShowContext& context, const Object<ExternalVolume>& object);
RowSet DescribeValue(const ShowContext& context, const Object<PostgresInstance>& object);
RowSet DescribeValue(const ShowContext& context, const Object<NetworkRule>& object);
RowSet DescribeValue(const ShowContext& context, const Object<NetworkPolicy>& object);
RowSet DescribeValue(const ShowContext& context, const Object<User>& object);

/// "2027-01-15 08:00:00.000 +0000": where a time stands inside of a text.
std::string TimeText(int64_t ms);

}  // namespace tarn::warehouse
