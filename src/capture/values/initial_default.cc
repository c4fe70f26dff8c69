// SPDX-License-Identifier: Apache-2.0
#include "capture/values/initial_default.h"

#include "base/column_builder.h"
#include "capture/values/value_decoder.h"
#include "iceberg/values/column_transform.h"
#include "iceberg/values/single_value.h"

namespace tarn::capture {

std::optional<std::string> InitialDefault(const MissingValue& missing, const TargetType& target,
                                          const Type& stored) {
  if (stored.is_nested()) return std::nullopt;
  const auto decoder = MakeValueDecoder(missing.type, target);
  if (!decoder) return std::nullopt;
  ColumnBuilder column(stored);
  if (!(*decoder)->AppendText(missing.text, column)) return std::nullopt;
  // What is null here (NaN in a NUMBER) needs no default.
  if (column.View().is_null(0)) return "null";
  const auto identity = iceberg::Transform::Parse("identity");
  if (!identity) return std::nullopt;
  const ColumnView view = column.View();
  const auto values = iceberg::TransformColumn(*identity, stored, view);
  if (!values) return std::nullopt;
  auto json = iceberg::EncodeSingleValueJson(stored, values->ValueAt(0));
  if (!json) return std::nullopt;
  return *std::move(json);
}

}  // namespace tarn::capture
