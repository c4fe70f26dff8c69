// SPDX-License-Identifier: Apache-2.0
// How a member of a C++ struct is a field of an Avro record: one table row gives its declaration,
// its writing and its reading, so that the three can't disagree.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/result.h"
#include "base/strong_id.h"
#include "iceberg/avro/binary_reader.h"
#include "iceberg/avro/binary_writer.h"
#include "iceberg/avro/schema.h"
#include "iceberg/model/field_map.h"

namespace tarn::iceberg::avro {

enum class Presence : uint8_t {
  kOptional,  ///< written as a union with null
  kRequired,  ///< written plainly; may be missing or null in files of older versions
  kAlways,    ///< required in every version: a file without it is corrupt
};

/// Writing and reading of one C++ type.
template <typename T>
struct ValueCodec;

inline bool IsInteger(const Node& node) {
  return node.kind == Kind::kInt || node.kind == Kind::kLong;
}

template <>
struct ValueCodec<bool> {
  static bool Accepts(const Node& node) { return node.kind == Kind::kBoolean; }
  static void Write(bool value, BinaryWriter& out) { out.PutBoolean(value); }
  static void Read(const Node&, BinaryReader& in, bool& value) { value = in.ReadBoolean(); }
};

template <>
struct ValueCodec<int32_t> {
  static bool Accepts(const Node& node) { return IsInteger(node); }
  static void Write(int32_t value, BinaryWriter& out) { out.PutLong(value); }
  static void Read(const Node&, BinaryReader& in, int32_t& value) { value = in.ReadInt(); }
};

template <>
struct ValueCodec<int64_t> {
  static bool Accepts(const Node& node) { return IsInteger(node); }
  static void Write(int64_t value, BinaryWriter& out) { out.PutLong(value); }
  static void Read(const Node&, BinaryReader& in, int64_t& value) { value = in.ReadLong(); }
};

/// Both strings and bytes. Some writers give fixed for bytes.
template <>
struct ValueCodec<std::string> {
  static bool Accepts(const Node& node) {
    return node.kind == Kind::kString || node.kind == Kind::kBytes || node.kind == Kind::kFixed;
  }
  static void Write(const std::string& value, BinaryWriter& out) { out.PutBytes(value); }
  static void Read(const Node& node, BinaryReader& in, std::string& value) {
    value.assign(node.kind == Kind::kFixed ? in.ReadFixed(node.fixed_bytes) : in.ReadBytes());
  }
};

template <typename Number, typename Tag>
struct ValueCodec<StrongId<Number, Tag>> {
  static bool Accepts(const Node& node) { return IsInteger(node); }
  static void Write(StrongId<Number, Tag> id, BinaryWriter& out) { out.PutLong(id.value()); }
  static void Read(const Node& node, BinaryReader& in, StrongId<Number, Tag>& id) {
    Number number{};
    ValueCodec<Number>::Read(node, in, number);
    id = StrongId<Number, Tag>(number);
  }
};

/// Enums that count from 0 to kLast (found by argument-dependent lookup of LastValue).
template <typename T>
  requires std::is_enum_v<T>
struct ValueCodec<T> {
  static bool Accepts(const Node& node) { return IsInteger(node); }
  static void Write(T value, BinaryWriter& out) { out.PutLong(static_cast<int64_t>(value)); }
  static void Read(const Node&, BinaryReader& in, T& value) {
    const int64_t number = in.ReadLong();
    if (number < 0 || number > static_cast<int64_t>(LastValue(T{}))) {
      in.Fail("enumerated value out of range");
      return;
    }
    value = static_cast<T>(number);
  }
};

template <typename T>
struct ValueCodec<std::optional<T>> {
  static bool Accepts(const Node& node) { return ValueCodec<T>::Accepts(node); }
  static void Write(const std::optional<T>& value, BinaryWriter& out) {
    ValueCodec<T>::Write(*value, out);
  }
  static void Read(const Node& node, BinaryReader& in, std::optional<T>& value) {
    ValueCodec<T>::Read(node, in, value.emplace());
  }
};

template <typename T>
struct ValueCodec<std::vector<T>> {
  static bool Accepts(const Node& node) {
    return node.kind == Kind::kArray && ValueCodec<T>::Accepts(*node.branches[0]);
  }
  static void Write(const std::vector<T>& values, BinaryWriter& out) {
    out.BeginItems(values.size());
    for (const T& value : values) ValueCodec<T>::Write(value, out);
    out.EndItems();
  }
  static void Read(const Node& node, BinaryReader& in, std::vector<T>& values) {
    in.ReadItems([&] {
      T value{};
      ValueCodec<T>::Read(*node.branches[0], in, value);
      values.push_back(std::move(value));
    });
  }
};

/// Maps with other keys than strings are arrays of {key, value} records (spec, Appendix A).
template <typename V>
struct ValueCodec<FieldMap<V>> {
  static bool Accepts(const Node& node) {
    if (node.kind != Kind::kArray) return false;
    const Node& item = *node.branches[0];
    return item.kind == Kind::kRecord && item.fields.size() == 2 &&
           ValueCodec<FieldId>::Accepts(*item.fields[0].type) &&
           ValueCodec<V>::Accepts(*item.fields[1].type);
  }
  static void Write(const FieldMap<V>& entries, BinaryWriter& out) {
    out.BeginItems(entries.size());
    for (const auto& [key, value] : entries) {
      ValueCodec<FieldId>::Write(key, out);
      ValueCodec<V>::Write(value, out);
    }
    out.EndItems();
  }
  static void Read(const Node& node, BinaryReader& in, FieldMap<V>& entries) {
    const Node& key = *node.branches[0]->fields[0].type;
    const Node& value = *node.branches[0]->fields[1].type;
    std::vector<typename FieldMap<V>::value_type> read;
    const auto reserve = [&read](int64_t count) {
      read.reserve(read.size() + static_cast<size_t>(std::min(count, kReservedItemsMax)));
    };
    in.ReadItems(
        [&] {
          auto& entry = read.emplace_back();
          ValueCodec<FieldId>::Read(key, in, entry.first);
          ValueCodec<V>::Read(value, in, entry.second);
        },
        reserve);
    entries = FieldMap<V>(std::move(read));
  }

 private:
  /// A length that is a lie must not cost memory.
  static constexpr int64_t kReservedItemsMax = 1024;
};

template <typename T>
bool IsAbsent(const std::optional<T>& value) {
  return !value.has_value();
}
template <typename T>
bool IsAbsent(const std::vector<T>& value) {
  return value.empty();
}
template <typename V>
bool IsAbsent(const FieldMap<V>& value) {
  return value.empty();
}
template <typename T>
bool IsAbsent(const T&) {
  return false;
}

/// One field of a record made from an Owner. A field without functions is nested: its user
/// declares, writes and reads it.
template <typename Owner>
struct FieldCodec {
  int32_t id = 0;
  std::string_view name;
  Presence presence = Presence::kOptional;
  std::string type_json;                   ///< without the union with null
  std::string_view old_name;               ///< "" if it never had another
  bool (*accepts)(const Node&) = nullptr;  ///< whether a declared type can be read
  void (*write)(const Owner&, BinaryWriter&) = nullptr;
  void (*read)(const Node&, BinaryReader&, Owner&) = nullptr;
};

/// True if every branch beside null is readable as T.
template <typename T>
bool AcceptsAllBranches(const Node& node) {
  if (node.kind != Kind::kUnion) return ValueCodec<T>::Accepts(node);
  for (const NodePtr& branch : node.branches) {
    if (branch->kind != Kind::kNull && !ValueCodec<T>::Accepts(*branch)) return false;
  }
  return true;
}

/// The row for a member: MakeField<&DataFile::record_count>(id, name, presence, type).
template <auto Member, typename Owner, typename T>
FieldCodec<Owner> MakeFieldOf(T Owner::*, int32_t id, std::string_view name, Presence presence,
                              std::string_view type_json, std::string_view old_name) {
  FieldCodec<Owner> field{.id = id,
                          .name = name,
                          .presence = presence,
                          .type_json = std::string(type_json),
                          .old_name = old_name,
                          .accepts = &AcceptsAllBranches<T>};
  if (presence == Presence::kOptional) {
    field.write = [](const Owner& owner, BinaryWriter& out) {
      const bool absent = IsAbsent(owner.*Member);
      out.PutBranch(absent ? 0 : 1);
      if (!absent) ValueCodec<T>::Write(owner.*Member, out);
    };
  } else {
    field.write = [](const Owner& owner, BinaryWriter& out) {
      ValueCodec<T>::Write(owner.*Member, out);
    };
  }
  field.read = [](const Node& node, BinaryReader& in, Owner& owner) {
    const Node& branch = ReadBranch(node, in);
    if (branch.kind != Kind::kNull) ValueCodec<T>::Read(branch, in, owner.*Member);
  };
  return field;
}

template <auto Member>
auto MakeField(int32_t id, std::string_view name, Presence presence, std::string_view type_json,
               std::string_view old_name = {}) {
  return MakeFieldOf<Member>(Member, id, name, presence, type_json, old_name);
}

template <typename Owner>
using FieldTable = std::vector<FieldCodec<Owner>>;

/// {"type":"record",…} of the table; `nested(field)` gives the type of fields without functions.
template <typename Owner, typename Nested>
std::string RecordJson(std::string_view name, const FieldTable<Owner>& table, Nested&& nested) {
  std::string json = fmt::format(R"({{"type":"record","name":"{}","fields":[)", name);
  for (const FieldCodec<Owner>& field : table) {
    if (json.back() != '[') json += ',';
    const std::string type = field.write != nullptr ? field.type_json : nested(field);
    if (field.presence == Presence::kOptional) {
      json += fmt::format(R"({{"name":"{}","type":["null",{}],"default":null,"field-id":{}}})",
                          field.name, type, field.id);
    } else {
      json += fmt::format(R"({{"name":"{}","type":{},"field-id":{}}})", field.name, type, field.id);
    }
  }
  return json + "]}";
}

/// Which row of a table reads which declared field; made once per file, used for every record. The
/// node and the table outlive it.
template <typename Owner>
class RecordReader {
 public:
  /// Corruption when the node is no record, lacks a field, or declares a type that can't be read.
  static Result<RecordReader> Make(const Node& node, const FieldTable<Owner>& table) {
    if (node.kind != Kind::kRecord) {
      return Fail(ErrorKind::kCorruption, "avro type is {}, not a record", KindName(node.kind));
    }
    RecordReader reader;
    for (const RecordField& field : node.fields)
      reader.steps_.push_back({field.type.get(), nullptr});
    for (const FieldCodec<Owner>& field : table) {
      const int index = node.FindField(field.id, field.name, field.old_name);
      if (index < 0) {
        if (field.presence != Presence::kAlways) continue;
        return Fail(ErrorKind::kCorruption, "avro record \"{}\" has no field {} \"{}\"", node.name,
                    field.id, field.name);
      }
      Step& step = reader.steps_[static_cast<size_t>(index)];
      if (field.accepts != nullptr && !field.accepts(*step.node)) {
        return Fail(ErrorKind::kCorruption, "field {} \"{}\" of avro record \"{}\" is of type {}",
                    field.id, field.name, node.name, KindName(step.node->value().kind));
      }
      step.field = &field;
    }
    return reader;
  }

  /// The declared type of the field with this id, null if the file has none.
  const Node* FindNode(int32_t id) const {
    for (const Step& step : steps_) {
      if (step.field != nullptr && step.field->id == id) return step.node;
    }
    return nullptr;
  }

  /// `nested(id, node)` reads the fields without functions.
  template <typename Nested>
  void Read(BinaryReader& in, Owner& owner, Nested&& nested) const {
    for (const Step& step : steps_) {
      if (step.field == nullptr) {
        Skip(*step.node, in);
      } else if (step.field->read != nullptr) {
        step.field->read(*step.node, in, owner);
      } else {
        nested(step.field->id, *step.node);
      }
    }
  }

 private:
  struct Step {
    const Node* node;
    const FieldCodec<Owner>* field;
  };
  std::vector<Step> steps_;
};

}  // namespace tarn::iceberg::avro
