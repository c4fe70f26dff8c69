// SPDX-License-Identifier: Apache-2.0
#include "sql/syntax/dump.h"

#include <array>
#include <type_traits>
#include <utility>

namespace tarn::sql::syntax {

namespace {

/// `Add` for BinaryOperator::kAdd, as the compiler prints the name of a template's argument.
template <auto value>
constexpr std::string_view CompilerName() {
  std::string_view name = __PRETTY_FUNCTION__;
  name.remove_prefix(name.find("value = ") + 8);
  name = name.substr(0, name.find_first_of(";]"));
  name.remove_prefix(name.rfind(':') + 1);
  return name.starts_with('k') ? name.substr(1) : name;
}

constexpr size_t kMaxEnumerators = 16;

template <typename T>
std::string_view EnumeratorName(T value) {
  static constexpr auto kNames = []<size_t... i>(std::index_sequence<i...>) {
    return std::array<std::string_view, sizeof...(i)>{CompilerName<static_cast<T>(i)>()...};
  }(std::make_index_sequence<kMaxEnumerators>());
  const auto index = static_cast<size_t>(value);
  return index < kNames.size() ? kNames[index] : "?";
}

/// Walks a tree by the fields that its nodes list.
class Dumper {
 public:
  std::string Take() { return std::move(out_); }

  void Write(bool value) { out_ += value ? "true" : "false"; }
  void Write(const std::string& value) {
    out_ += '\'';
    for (const char c : value) {
      if (c == '\'' || c == '\\') out_ += '\\';
      out_ += c;
    }
    out_ += '\'';
  }
  void Write(const Identifier& name) {
    const std::string text = name.Canonical();
    out_ += IsPlainName(text) ? text : "\"" + text + "\"";
  }
  void Write(const ObjectName& name) {
    if (name.dynamic) {
      out_ += "(Identifier ";
      Write(*name.dynamic);
      out_ += ')';
      return;
    }
    const char* separator = "";
    for (const Identifier& part : name.parts) {
      out_ += separator;
      separator = ".";
      if (!part.text.empty()) Write(part);
    }
  }
  void Write(const Literal& literal) {
    switch (literal.kind) {
      case LiteralKind::kNull:
        out_ += "NULL";
        return;
      case LiteralKind::kTrue:
        out_ += "TRUE";
        return;
      case LiteralKind::kFalse:
        out_ += "FALSE";
        return;
      case LiteralKind::kNumber:
        out_ += literal.text;
        return;
      case LiteralKind::kBinary:
        out_ += "X'" + literal.text + "'";
        return;
      case LiteralKind::kString:
        Write(literal.text);
        return;
    }
  }
  void Write(const ColumnReference& column) { Write(column.name); }
  void Write(const Statement& statement) { Write(statement.value); }
  void Write(const ExpressionNode& node) { Write(node.value); }
  void Write(const OptionValueNode& node) { Write(node.value); }

  void Write(ObjectKind kind) { Write(std::string(ToString(kind))); }
  template <typename T>
    requires std::is_enum_v<T>
  void Write(T value) {
    out_ += EnumeratorName(value);
  }
  template <typename T>
  void Write(const Box<T>& box) {
    Write(*box);
  }
  template <typename T>
  void Write(const std::optional<T>& value) {
    Write(*value);
  }
  template <typename T>
  void Write(const std::vector<T>& values) {
    out_ += '[';
    const char* separator = "";
    for (const T& value : values) {
      out_ += separator;
      separator = " ";
      Write(value);
    }
    out_ += ']';
  }
  template <typename... T>
  void Write(const std::variant<T...>& value) {
    std::visit([this](const auto& alternative) { Write(alternative); }, value);
  }
  template <typename T>
    requires requires { T::kNode; }
  void Write(const T& node) {
    out_ += '(';
    out_ += T::kNode;
    std::apply([this, names = T::kFields](
                   const auto&... field) mutable { (WriteField(names, field), ...); },
               node.Fields());
    out_ += ')';
  }

 private:
  /// Takes the first name off `names`.
  template <typename T>
  void WriteField(std::string_view& names, const T& field) {
    const size_t comma = names.find(',');
    std::string_view name = names.substr(0, comma);
    names = comma == std::string_view::npos ? std::string_view() : names.substr(comma + 1);
    while (name.starts_with(' ')) name.remove_prefix(1);
    if (IsDefault(field)) return;
    out_ += ' ';
    out_ += name;
    out_ += '=';
    Write(field);
  }

  template <typename T>
    requires std::is_enum_v<T>
  static bool IsDefault(const T& value) {
    if constexpr (std::is_same_v<T, ObjectKind>) {
      return false;
    } else {
      const std::string_view name = EnumeratorName(value);
      return name == "Default" || name == "None" || name == "Unspecified";
    }
  }
  static bool IsDefault(bool value) { return !value; }
  static bool IsDefault(const RowLimit& limit) { return !limit.limit && !limit.offset; }
  static bool IsDefault(const std::string& value) { return value.empty(); }
  template <typename T>
  static bool IsDefault(const std::optional<T>& value) {
    return !value.has_value();
  }
  template <typename T>
  static bool IsDefault(const std::vector<T>& values) {
    return values.empty();
  }
  template <typename T>
    requires(!std::is_enum_v<T>)
  static bool IsDefault(const T&) {
    return false;
  }

  std::string out_;
};

template <typename T>
std::string DumpNode(const T& node) {
  Dumper dumper;
  dumper.Write(node);
  return dumper.Take();
}

}  // namespace

std::string Dump(const Statement& statement) { return DumpNode(statement); }
std::string Dump(const Query& query) { return DumpNode(query); }
std::string Dump(const Expression& expression) { return DumpNode(expression); }
std::string Dump(const DataType& type) { return DumpNode(type); }

}  // namespace tarn::sql::syntax
