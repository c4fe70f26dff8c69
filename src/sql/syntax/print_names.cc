// SPDX-License-Identifier: Apache-2.0
// Names, types, options.
#include "sql/syntax/print.h"
#include "sql/syntax/printer.h"
#include "sql/syntax/token.h"

namespace tarn::sql::syntax {

namespace {

std::string InDoubleQuotes(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    quoted += c;
    if (c == '"') quoted += '"';
  }
  return quoted + '"';
}

template <typename T>
std::string PrintNode(const T& node) {
  Printer printer;
  printer.Write(node);
  return printer.Take();
}

}  // namespace

std::string Print(const Statement& statement) { return PrintNode(statement); }
std::string Print(const Query& query) { return PrintNode(query); }
std::string Print(const Expression& expression) { return PrintNode(expression); }
std::string Print(const DataType& type) { return PrintNode(type); }
std::string Print(const ObjectName& name) { return PrintNode(name); }

std::string QuoteString(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    switch (c) {
      case '\'':
        quoted += "''";
        break;
      case '\\':
        quoted += "\\\\";
        break;
      case '\n':
        quoted += "\\n";
        break;
      case '\r':
        quoted += "\\r";
        break;
      case '\t':
        quoted += "\\t";
        break;
      case '\0':
        quoted += "\\u0000";
        break;
      default:
        quoted += c;
    }
  }
  return quoted + '\'';
}

std::string QuoteName(std::string_view text) {
  return IsPlainName(text) && !IsContextWord(text) ? std::string(text) : InDoubleQuotes(text);
}

void Printer::PutString(std::string_view text) { out_ += QuoteString(text); }

void Printer::Write(const Identifier& name) {
  out_ += name.quoted ? QuoteName(name.text) : name.text;
}

void Printer::WriteParts(const std::vector<Identifier>& parts) { WriteList(parts, "."); }

void Printer::Write(const ObjectName& name) {
  if (!name.dynamic) return WriteParts(name.parts);
  Put("IDENTIFIER(");
  Write(*name.dynamic);
  Put(")");
}

void Printer::Write(const StageReference& stage) {
  if (stage.quoted) return PutString("@" + stage.location);
  Put("@");
  Put(stage.location);
}

// --- Types
// --------------------------------------------------------------------------------------------------

void Printer::Write(const DataType& type) {
  Write(type.name);
  const bool interval = type.name.parts.size() == 1 && type.name.parts[0].Is("INTERVAL");
  if (interval && !type.suffix.empty()) {
    Put(" ");
    Put(type.suffix);
  }
  if (type.structured || !type.arguments.empty()) {
    Put("(");
    WriteList(type.fields);
    if (!type.fields.empty() && !type.arguments.empty()) Put(", ");
    std::string_view separator;
    for (const std::string& argument : type.arguments) {
      Put(separator);
      separator = ", ";
      Put(argument);
    }
    Put(")");
  }
  if (!interval && !type.suffix.empty()) {
    Put(" ");
    Put(type.suffix);
  }
  if (type.not_null) Put(" NOT NULL");
}

void Printer::Write(const TypeField& field) {
  if (field.name) {
    Write(*field.name);
    Put(" ");
  }
  Write(field.type);
}

void Printer::WriteSignature(bool has_signature, const std::vector<DataType>& signature) {
  if (has_signature) WriteParenthesized(signature);
}

// --- Options
// ------------------------------------------------------------------------------------------------

namespace {

/// Keys whose value follows without an equals sign.
bool StandsBeforeValue(std::string_view key) {
  for (const std::string_view bare :
       {"LANGUAGE", "EXECUTE AS", "EXECUTE AS USER", "ALLOWED_VALUES", "FROZEN WHERE", "CONTACT"}) {
    if (key == bare) return true;
  }
  return false;
}

}  // namespace

void Printer::Write(const Option& option) {
  const auto* tags = option.value ? std::get_if<OptionTags>(&(*option.value)->value) : nullptr;
  const auto* list = option.value ? std::get_if<OptionList>(&(*option.value)->value) : nullptr;
  if (!option.value) {
    Put(option.key);
  } else if (tags != nullptr) {
    Put("TAG (");
    WriteList(tags->tags);
    Put(")");
  } else if (!StandsBeforeValue(option.key)) {
    const bool word =
        IsPlainName(option.key) || ClassOf(HashWord(option.key), option.key) != WordClass::kFree;
    if (word) {
      Put(option.key);
    } else {
      PutString(option.key);  // SECRETS = ('k' = s)
    }
    Put(" = ");
    Write(*option.value);
  } else {
    Put(option.key);
    Put(" ");
    if (list != nullptr) {
      WriteList(list->values);
    } else if (option.key == "FROZEN WHERE") {
      Put("(");
      Write(*option.value);
      Put(")");
    } else {
      Write(*option.value);
    }
  }
}

void Printer::Write(const OptionValue& value) {
  if (const auto* expression = std::get_if<Expression>(&value->value)) return Write(*expression);
  if (const auto* name = std::get_if<ObjectName>(&value->value)) return Write(*name);
  if (const auto* list = std::get_if<OptionList>(&value->value))
    return WriteParenthesized(list->values);
  if (const auto* group = std::get_if<OptionGroup>(&value->value)) {
    Put("(");
    WriteList(group->options, " ");
    return Put(")");
  }
  WriteParenthesized(std::get<OptionTags>(value->value).tags);
}

void Printer::Write(const TagAssignment& tag) {
  Write(tag.name);
  Put(" = ");
  Write(tag.value);
}

void Printer::WriteOptions(const std::vector<Option>& options) {
  for (const Option& option : options) {
    Put(" ");
    Write(option);
  }
}

}  // namespace tarn::sql::syntax
