// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/value.h"
#include "iceberg/model/partition_spec.h"
#include "iceberg/model/schema.h"

namespace tarn::iceberg {

/// "name=value/name=value", names and values as the reference implementation shows them, escaped as
/// in HTML forms; "" for unpartitioned specs. For people and file names, never to be parsed. Values
/// whose type is not known any more (a dropped column) appear as plain numbers or text.
std::string PartitionPath(const Schema& schema, const PartitionSpec& spec,
                          const std::vector<Value>& tuple);

}  // namespace tarn::iceberg
