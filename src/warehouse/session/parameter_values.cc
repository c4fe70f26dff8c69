// SPDX-License-Identifier: Apache-2.0
#include "warehouse/session/parameter_values.h"

#include "sql/bind/coercion.h"
#include "sql/syntax/parser.h"
#include "sql/syntax/print.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/session/failures.h"

namespace tarn::warehouse {
namespace {

using sql::DataTypeKind;
using sql::bound::Expression;

StatementResult<Expression> BindText(const QueryContext& context, const std::string& text,
                                     const sql::DataType& type) {
  if (type.kind == DataTypeKind::kVarchar || type.kind == DataTypeKind::kNull) {
    return sql::TextConstant(text);
  }
  const std::string cast =
      fmt::format("CAST({} AS {})", sql::syntax::QuoteString(text), sql::ToString(type));
  auto parsed = sql::syntax::ParseExpression(cast);
  if (!parsed) return std::unexpected(FromSyntax(std::move(parsed).error()));
  QueryContext about_cast = context;
  about_cast.text = cast;
  about_cast.parameters.clear();
  STATEMENT_ASSIGN(Expression value, BindStatementConstant(about_cast, *parsed));
  return value;
}

/// Numbers come in the narrowest form that the client's type has.
Type CarrierOfValue(const Value& value, const sql::DataType& type) {
  if (type.kind == DataTypeKind::kNumber && std::holds_alternative<int64_t>(value)) {
    return Type::Primitive(TypeKind::kLong);
  }
  if (type.kind == DataTypeKind::kNumber && std::holds_alternative<int32_t>(value)) {
    return Type::Primitive(TypeKind::kInt);
  }
  return sql::CarrierOf(type);
}

}  // namespace

std::vector<sql::DataType> ParameterTypes(std::span<const sql::DataType> declared, int32_t count) {
  std::vector<sql::DataType> types(static_cast<size_t>(count), sql::VarcharType());
  for (size_t i = 0; i < std::min(types.size(), declared.size()); ++i) {
    if (declared[i].kind != DataTypeKind::kNull) types[i] = declared[i];
    // A moment; the offset that it was written with is no part of a parameter.
    if (types[i].kind == DataTypeKind::kTimestampTz) types[i].kind = DataTypeKind::kTimestampLtz;
  }
  return types;
}

std::vector<Expression> UnknownValues(std::span<const sql::DataType> types) {
  std::vector<Expression> values;
  for (const sql::DataType& type : types) {
    values.push_back(sql::Constant({}, type, sql::CarrierOf(type)));
  }
  return values;
}

StatementResult<std::vector<Expression>> BindValues(const QueryContext& context,
                                                    std::span<const sql::DataType> types,
                                                    std::span<const BoundValue> values) {
  if (values.size() < types.size()) {
    return CompilationError("002049", "42601",
                            fmt::format("Bind variable :{} not set.", values.size() + 1));
  }
  std::vector<Expression> bound;
  for (size_t i = 0; i < types.size(); ++i) {
    const BoundValue& value = values[i];
    // Of a client that does not say what it is a NULL of: goes wherever NULL does.
    if (value.type.kind == DataTypeKind::kNull && !value.text &&
        std::holds_alternative<std::monostate>(value.value)) {
      bound.push_back(sql::NullConstant());
      continue;
    }
    sql::DataType type = value.type.kind == DataTypeKind::kNull ? types[i] : value.type;
    // A value has no offset of its own, unless it is a text.
    if (type.kind == DataTypeKind::kTimestampTz && !value.text) {
      type.kind = DataTypeKind::kTimestampLtz;
    }
    if (value.text) {
      STATEMENT_ASSIGN(Expression read, BindText(context, *value.text, type));
      bound.push_back(std::move(read));
    } else {
      bound.push_back(sql::Constant(value.value, type, CarrierOfValue(value.value, type)));
    }
  }
  return bound;
}

}  // namespace tarn::warehouse
