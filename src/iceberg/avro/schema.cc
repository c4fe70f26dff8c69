// SPDX-License-Identifier: Apache-2.0
#include "iceberg/avro/schema.h"

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

namespace tarn::iceberg::avro {
namespace {

using Json = nlohmann::json;

constexpr int kMaxDepth = 24;
// A manifest has some hundred; one with a partition spec of a thousand fields some thousand.
constexpr size_t kMaxWeight = 20'000;
constexpr size_t kMaxFixedBytes = size_t{1} << 24;

constexpr std::array<std::pair<std::string_view, Kind>, 14> kKinds = {{
    {"null", Kind::kNull},
    {"boolean", Kind::kBoolean},
    {"int", Kind::kInt},
    {"long", Kind::kLong},
    {"float", Kind::kFloat},
    {"double", Kind::kDouble},
    {"bytes", Kind::kBytes},
    {"string", Kind::kString},
    {"record", Kind::kRecord},
    {"enum", Kind::kEnum},
    {"array", Kind::kArray},
    {"map", Kind::kMap},
    {"union", Kind::kUnion},
    {"fixed", Kind::kFixed},
}};

bool IsPrimitive(Kind kind) { return kind <= Kind::kString; }

size_t PrimitiveMinBytes(Kind kind) {
  switch (kind) {
    case Kind::kNull:
      return 0;
    case Kind::kFloat:
      return 4;
    case Kind::kDouble:
      return 8;
    default:
      return 1;
  }
}

std::optional<int32_t> IntMember(const Json& json, const char* name) {
  const auto member = json.find(name);
  if (member == json.end() || !member->is_number_integer()) return std::nullopt;
  const auto value = member->get<int64_t>();
  if (value < INT32_MIN || value > INT32_MAX) return std::nullopt;
  return static_cast<int32_t>(value);
}

std::string StringMember(const Json& json, const char* name) {
  const auto member = json.find(name);
  return member != json.end() && member->is_string() ? member->get<std::string>() : std::string();
}

class Parser {
 public:
  Result<NodePtr> Parse(const Json& json, int depth) {
    if (depth > kMaxDepth) return Fail(ErrorKind::kUnsupported, "avro schema is nested too deeply");
    if (json.is_string()) return ParseName(json.get<std::string>());
    if (json.is_array()) return ParseUnion(json, depth);
    if (json.is_object()) return ParseObject(json, depth);
    return Fail(ErrorKind::kCorruption, "malformed avro schema");
  }

 private:
  Result<NodePtr> ParseName(const std::string& name) {
    for (const auto& [text, kind] : kKinds) {
      if (text != name) continue;
      if (!IsPrimitive(kind)) break;
      auto node = std::make_shared<Node>();
      node->kind = kind;
      node->min_bytes = PrimitiveMinBytes(kind);
      return node;
    }
    const auto found = named_.find(name);
    if (found == named_.end()) {
      return Fail(ErrorKind::kCorruption, "avro schema refers to unknown type \"{}\"", name);
    }
    if (!found->second) {
      return Fail(ErrorKind::kUnsupported, "avro schema is recursive in type \"{}\"", name);
    }
    return found->second;
  }

  Result<NodePtr> ParseUnion(const Json& json, int depth) {
    auto node = std::make_shared<Node>();
    node->kind = Kind::kUnion;
    node->min_bytes = 1;
    for (const Json& branch : json) {
      TARN_ASSIGN(NodePtr parsed, Parse(branch, depth + 1));
      TARN_TRY(Adopt(*node, std::move(parsed)));
    }
    if (node->branches.empty()) return Fail(ErrorKind::kCorruption, "avro union without branches");
    return node;
  }

  Result<NodePtr> ParseObject(const Json& json, int depth) {
    const auto type = json.find("type");
    if (type == json.end()) return Fail(ErrorKind::kCorruption, "avro schema without a type");
    if (!type->is_string()) return Parse(*type, depth + 1);  // {"type": {"type": …}}
    const auto name = type->get<std::string>();
    Kind kind = Kind::kNull;
    for (const auto& [text, known] : kKinds) {
      if (text == name) kind = known;
    }
    if (name != "null" && kind == Kind::kNull) return ParseName(name);
    if (kind == Kind::kUnion) return Fail(ErrorKind::kCorruption, "malformed avro schema");

    auto node = std::make_shared<Node>();
    node->kind = kind;
    node->name = StringMember(json, "name");
    node->logical_type = StringMember(json, "logicalType");
    node->min_bytes = IsPrimitive(kind) ? PrimitiveMinBytes(kind) : 1;
    node->precision = IntMember(json, "precision").value_or(0);
    node->scale = IntMember(json, "scale").value_or(0);
    node->element_id = IntMember(json, "element-id");
    node->key_id = IntMember(json, "key-id");
    node->value_id = IntMember(json, "value-id");
    if (const auto utc = json.find("adjust-to-utc"); utc != json.end() && utc->is_boolean()) {
      node->adjust_to_utc = utc->get<bool>();
    }
    TARN_TRY(ParseContent(json, depth, *node));
    if (kind == Kind::kRecord || kind == Kind::kEnum || kind == Kind::kFixed) {
      named_[node->name] = node;
    }
    return node;
  }

  Result<> ParseContent(const Json& json, int depth, Node& node) {
    switch (node.kind) {
      case Kind::kRecord:
        return ParseRecord(json, depth, node);
      case Kind::kArray:
      case Kind::kMap: {
        const auto items = json.find(node.kind == Kind::kArray ? "items" : "values");
        if (items == json.end()) {
          return Fail(ErrorKind::kCorruption, "avro {} without items", KindName(node.kind));
        }
        TARN_ASSIGN(NodePtr parsed, Parse(*items, depth + 1));
        // Else a few bytes could claim any number of items.
        if (node.kind == Kind::kArray && parsed->min_bytes == 0) {
          return Fail(ErrorKind::kUnsupported, "avro array of items without bytes");
        }
        return Adopt(node, std::move(parsed));
      }
      case Kind::kFixed: {
        const auto size = IntMember(json, "size");
        if (!size || *size < 0 || static_cast<size_t>(*size) > kMaxFixedBytes) {
          return Fail(ErrorKind::kCorruption, "avro fixed type \"{}\" without a valid size",
                      node.name);
        }
        node.fixed_bytes = node.min_bytes = static_cast<size_t>(*size);
        return {};
      }
      case Kind::kEnum: {
        const auto symbols = json.find("symbols");
        if (symbols == json.end() || !symbols->is_array()) {
          return Fail(ErrorKind::kCorruption, "avro enum \"{}\" without symbols", node.name);
        }
        node.symbols = symbols->size();
        return {};
      }
      default:
        return {};
    }
  }

  Result<> ParseRecord(const Json& json, int depth, Node& node) {
    const auto fields = json.find("fields");
    if (fields == json.end() || !fields->is_array()) {
      return Fail(ErrorKind::kCorruption, "avro record \"{}\" without fields", node.name);
    }
    named_[node.name] = nullptr;  // known, not finished: a reference now would be recursive
    node.min_bytes = 0;
    for (const Json& field : *fields) {
      const auto type = field.is_object() ? field.find("type") : field.end();
      if (!field.is_object() || type == field.end()) {
        return Fail(ErrorKind::kCorruption, "malformed field in avro record \"{}\"", node.name);
      }
      TARN_ASSIGN(NodePtr parsed, Parse(*type, depth + 1));
      node.min_bytes += parsed->min_bytes;
      node.fields.push_back({.name = StringMember(field, "name"),
                             .id = IntMember(field, "field-id"),
                             .type = parsed});
      TARN_TRY(AddWeight(node, *parsed));
    }
    return {};
  }

  Result<> Adopt(Node& node, NodePtr child) {
    TARN_TRY(AddWeight(node, *child));
    node.branches.push_back(std::move(child));
    return {};
  }

  // Records that name each other twice at every level would take exponential time to read.
  static Result<> AddWeight(Node& node, const Node& child) {
    node.weight += child.weight;
    if (node.weight > kMaxWeight) return Fail(ErrorKind::kUnsupported, "avro schema is too large");
    return {};
  }

  std::map<std::string, NodePtr> named_;
};

const Node kNullNode;

}  // namespace

std::string_view KindName(Kind kind) {
  for (const auto& [text, known] : kKinds) {
    if (known == kind) return text;
  }
  return "unknown";
}

bool Node::is_optional() const {
  return kind == Kind::kUnion && branches.size() == 2 &&
         (branches[0]->kind == Kind::kNull) != (branches[1]->kind == Kind::kNull);
}

const Node& Node::value() const {
  if (!is_optional()) return *this;
  return branches[0]->kind == Kind::kNull ? *branches[1] : *branches[0];
}

int Node::FindField(int32_t id, std::string_view name, std::string_view old_name) const {
  const auto index_where = [&](auto&& matches) {
    const auto found = std::ranges::find_if(fields, matches);
    return found == fields.end() ? -1 : static_cast<int>(found - fields.begin());
  };
  int index = index_where([&](const RecordField& field) { return field.id == id; });
  for (const std::string_view candidate : {name, old_name}) {
    if (index >= 0 || candidate.empty()) continue;
    index =
        index_where([&](const RecordField& field) { return !field.id && field.name == candidate; });
  }
  return index;
}

Result<NodePtr> ParseSchema(std::string_view json) {
  const Json parsed = Json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (parsed.is_discarded()) return Fail(ErrorKind::kCorruption, "avro schema is not valid JSON");
  return Parser().Parse(parsed, 0);
}

const Node& ReadBranch(const Node& node, BinaryReader& reader) {
  // NOLINTNEXTLINE(bugprone-return-const-ref-from-parameter): nodes belong to the schema
  if (node.kind != Kind::kUnion) return node;
  const int64_t branch = reader.ReadLong();
  if (branch < 0 || static_cast<uint64_t>(branch) >= node.branches.size()) {
    reader.Fail("union has no such branch");
    return kNullNode;
  }
  return *node.branches[static_cast<size_t>(branch)];
}

void Skip(const Node& node, BinaryReader& reader) {
  switch (node.kind) {
    case Kind::kNull:
      return;
    case Kind::kBoolean:
      reader.ReadBoolean();
      return;
    case Kind::kInt:
    case Kind::kLong:
    case Kind::kEnum:
      reader.ReadLong();
      return;
    case Kind::kFloat:
      reader.ReadFloat();
      return;
    case Kind::kDouble:
      reader.ReadDouble();
      return;
    case Kind::kBytes:
    case Kind::kString:
      reader.ReadBytes();
      return;
    case Kind::kFixed:
      reader.ReadFixed(node.fixed_bytes);
      return;
    case Kind::kUnion: {
      const Node& branch = ReadBranch(node, reader);
      if (reader.ok()) Skip(branch, reader);
      return;
    }
    case Kind::kRecord:
      for (const RecordField& field : node.fields) {
        if (!reader.ok()) return;
        Skip(*field.type, reader);
      }
      return;
    case Kind::kArray:
      reader.ReadItems([&] { Skip(*node.branches[0], reader); });
      return;
    case Kind::kMap:
      reader.ReadItems([&] {
        reader.ReadBytes();
        if (reader.ok()) Skip(*node.branches[0], reader);
      });
      return;
  }
}

}  // namespace tarn::iceberg::avro
