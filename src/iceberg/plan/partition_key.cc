// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "iceberg/plan/delete_matching.h"

namespace tarn::iceberg {
namespace {

template <typename T>
void AppendRaw(char tag, T value, std::string& out) {
  out.push_back(tag);
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

/// int and long, float and double look alike: a manifest written before a promotion has the narrow
/// one.
struct Appender {
  std::string& out;

  void operator()(std::monostate) const { out.push_back('n'); }
  void operator()(bool value) const { out.push_back(value ? 't' : 'f'); }
  void operator()(int32_t value) const { AppendRaw('i', int64_t{value}, out); }
  void operator()(int64_t value) const { AppendRaw('i', value, out); }
  void operator()(float value) const { (*this)(static_cast<double>(value)); }
  void operator()(double value) const {
    AppendRaw('d', std::isnan(value) ? std::numeric_limits<double>::quiet_NaN() : value, out);
  }
  void operator()(Int128 value) const { AppendRaw('m', value, out); }
  void operator()(const std::string& value) const {
    AppendRaw('s', value.size(), out);
    out += value;
  }
};

}  // namespace

std::string PartitionKey(SpecId spec_id, const PartitionSpec& spec,
                         const std::vector<Value>& tuple) {
  std::string key;
  AppendRaw('#', spec_id.value(), key);
  std::vector<size_t> order(std::min(tuple.size(), spec.fields.size()));
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, {}, [&](size_t i) { return spec.fields[i].id; });
  for (const size_t i : order) {
    AppendRaw(':', spec.fields[i].id.value(), key);
    std::visit(Appender{key}, tuple[i]);
  }
  return key;
}

bool IsUnpartitioned(const PartitionSpec& spec) {
  return std::ranges::all_of(spec.fields, [](const PartitionField& field) {
    return field.transform.kind == TransformKind::kVoid;
  });
}

}  // namespace tarn::iceberg
