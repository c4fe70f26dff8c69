// SPDX-License-Identifier: Apache-2.0
// For tests: SQL text over small Iceberg files, all the way to rows of text.
#pragma once

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/query.h"
#include "engine/testing/test_engine.h"
#include "sql/bind/bind.h"
#include "sql/bind/coercion.h"
#include "sql/syntax/parser.h"

namespace tarn::sql {

/// Tables and views of one schema, DB.PUBLIC.
class TestNames : public Names {
 public:
  struct Table {
    std::vector<Field> fields;
    std::vector<iceberg::DataFile> files;
  };

  SqlResult<NamedRelation> Relation(const std::vector<std::string>& parts,
                                    const std::optional<NamedMoment>&) override {
    const std::string& name = parts.back();
    if (const auto view = views.find(name); view != views.end()) {
      auto text = std::make_shared<const std::string>(view->second);
      auto query = syntax::ParseQuery(*text);
      EXPECT_TRUE(query) << query.error().message;
      return NamedView{.database = "DB",
                       .schema = "PUBLIC",
                       .name = name,
                       .text = text,
                       .query = std::make_shared<const syntax::Query>(*std::move(query)),
                       .names = std::shared_ptr<Names>(std::shared_ptr<void>(), this),
                       .columns = {}};
    }
    const auto found = tables.find(name);
    if (found == tables.end()) {
      return std::unexpected(
          SqlError{{ErrorKind::kNotFound,
                    fmt::format("Object '{}' does not exist or not authorized.", name),
                    {},
                    {}},
                   "002003",
                   "42S02",
                   std::nullopt});
    }
    NamedTable table{.handle = std::shared_ptr<const void>(std::shared_ptr<void>(), &found->second),
                     .database = "DB",
                     .schema = "PUBLIC",
                     .name = name,
                     .id = 1,
                     .columns = {}};
    for (const Field& field : found->second.fields) {
      table.columns.push_back({.name = syntax::UpperCase(field.name),
                               .type = TypeOf(field.type),
                               .field = field,
                               .nullable = !field.required});
    }
    return table;
  }

  SqlResult<NamedRelation> Directory(const std::string& location) override {
    return Relation({syntax::UpperCase(location)}, std::nullopt);
  }

  SqlResult<std::vector<NamedFunction>> Functions(const std::vector<std::string>& parts) override {
    std::vector<NamedFunction> found;
    for (const NamedFunction& function : functions) {
      if (function.name != parts.back()) continue;
      found.push_back(function);
      found.back().database = "DB";
      found.back().schema = "PUBLIC";
      found.back().names = std::shared_ptr<Names>(std::shared_ptr<void>(), this);
    }
    return found;
  }

  SqlResult<std::optional<NamedSequence>> Sequence(const std::vector<std::string>& parts) override {
    if (parts.back() != "NUMBERS") return std::optional<NamedSequence>();
    return NamedSequence{.id = 7, .name = "NUMBERS"};
  }

  std::optional<bound::Expression> Variable(const std::string& name) override {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  }

  static DataType TypeOf(const Type& type) {
    switch (type.kind) {
      case TypeKind::kInt:
        return NumberType(10, 0);
      case TypeKind::kLong:
        return NumberType(19, 0);
      case TypeKind::kDecimal:
        return NumberType(type.precision, type.scale);
      case TypeKind::kFloat:
      case TypeKind::kDouble:
        return FloatType();
      case TypeKind::kBoolean:
        return BooleanType();
      case TypeKind::kDate:
        return DateType();
      case TypeKind::kTimestamp:
        return TypeOfKind(DataTypeKind::kTimestampNtz, 6);
      case TypeKind::kTimestampTz:
        return TypeOfKind(DataTypeKind::kTimestampLtz, 6);
      case TypeKind::kStruct:
        return ObjectType();
      case TypeKind::kList:
        return ArrayType();
      default:
        return VarcharType();
    }
  }

  std::map<std::string, Table> tables;
  std::map<std::string, std::string> views;
  std::vector<NamedFunction> functions;
  std::map<std::string, bound::Expression> variables;
};

/// 1, 2, 3 …, of the sequence NUMBERS.
class CountingNumbers final : public engine::NumberSource {
 public:
  engine::QueryResult<Block> Take(int64_t count) override {
    return Block{.first = next_.fetch_add(count), .increment = 1};
  }

 private:
  std::atomic<int64_t> next_ = 1;
};

/// Rows as texts, "NULL" for null.
using TextRows = std::vector<std::vector<std::string>>;

class QueryFixture : public engine::EngineTest {
 protected:
  void AddTable(const std::string& name, std::vector<Field> fields,
                const std::vector<engine::Row>& rows) {
    TestNames::Table table{.fields = std::move(fields), .files = {}};
    if (!rows.empty()) table.files.push_back(WriteFile(table.fields, rows));
    names_.tables[name] = std::move(table);
  }

  SqlResult<BoundQuery> Bind(const std::string& text) {
    auto parsed = syntax::ParseQuery(text);
    if (!parsed) {
      ADD_FAILURE() << text << ": " << parsed.error().message;
      return std::unexpected(SqlError{parsed.error(), "001003", "42000", std::nullopt});
    }
    request_.text = text;
    request_.names = &names_;
    return BindQuery(*parsed, request_);
  }

  /// What went wrong, as "code message".
  std::string ErrorOf(const std::string& text) {
    const auto rows = TryRun(text);
    if (rows) return "none";
    return rows.error().code + " " + rows.error().error.message;
  }

  engine::QueryResult<TextRows> TryRun(const std::string& text) {
    const auto bound = Bind(text);
    if (!bound) {
      return std::unexpected(
          engine::QueryFailure{bound.error().error, bound.error().code, bound.error().sqlstate});
    }
    PrintedQuery printed = Print(*bound);
    printed_ = printed.text;
    engine::QueryRequest request{.text = printed.text, .carriers = printed.carriers};
    request.time_zone = time_zone_;
    request.numbers.assign(printed.sequences.size(), numbers_);
    for (const BoundTable& table : bound->tables) {
      const auto& source = *static_cast<const TestNames::Table*>(table.table.handle.get());
      request.tables.push_back({.plan = PlanOf(source.files), .columns = ColumnsOf(source.fields)});
    }
    auto stream = engine_->OpenQuery(std::move(request));
    if (!stream) return std::unexpected(stream.error());
    TextRows result;
    std::vector<uint8_t> bytes;
    while (true) {
      if (auto next = (*stream)->Next(bytes); !next) return std::unexpected(next.error());
      if (bytes.empty()) return result;
      const BatchView batch = DecodeBatch(bytes, printed.carriers).value();
      for (const engine::Row& row : engine::ReadRows(printed.carriers, batch)) {
        result.emplace_back();
        for (size_t i = 0; i < row.size(); ++i) {
          result.back().push_back(TextOf(bound->query.columns[i], row[i]));
        }
      }
    }
  }

  TextRows Run(const std::string& text) {
    auto rows = TryRun(text);
    EXPECT_TRUE(rows) << text << "\n"
                      << rows.error().code << " " << rows.error().error.message << " "
                      << rows.error().error.detail << "\n"
                      << printed_;
    return rows.value_or(TextRows{});
  }

  /// The one value of `SELECT expression`.
  std::string Value(const std::string& expression) {
    const TextRows rows = Run("SELECT " + expression);
    return rows.size() == 1 && rows[0].size() == 1 ? rows[0][0]
                                                   : fmt::format("{} rows", rows.size());
  }

  static std::string TextOf(const bound::OutputColumn& column, const engine::Cell& cell) {
    if (cell.is_null()) return "NULL";
    if (cell.nested) {
      const int64_t seconds = std::get<int64_t>(cell.items[0].value);
      const int32_t nanos = std::get<int32_t>(cell.items[1].value);
      if (cell.items.size() == 3) {
        const int32_t offset = std::get<int32_t>(cell.items[2].value);
        return Moment(seconds + offset * 60) + fmt::format(".{:03} {:+03}{:02}", nanos / 1000000,
                                                           offset / 60,
                                                           (offset < 0 ? -offset : offset) % 60);
      }
      return Moment(seconds) + fmt::format(".{:03}", nanos / 1000000);
    }
    switch (column.type.kind) {
      case DataTypeKind::kDate:
        return Day(std::get<int32_t>(cell.value));
      case DataTypeKind::kTimestampNtz:
      case DataTypeKind::kTimestampLtz: {
        const int64_t micros = std::get<int64_t>(cell.value);
        const int64_t seconds = micros >= 0 ? micros / 1000000 : -((999999 - micros) / 1000000);
        return Moment(seconds) + fmt::format(".{:03}", (micros - seconds * 1000000) / 1000);
      }
      case DataTypeKind::kTime: {
        const int64_t seconds = std::get<int64_t>(cell.value) /
                                (column.carrier.kind == TypeKind::kLong ? 1000000000 : 1000000);
        return Moment(seconds).substr(11);
      }
      default:
        break;
    }
    return std::visit(
        [&](const auto& value) -> std::string {
          using V = std::decay_t<decltype(value)>;
          if constexpr (std::is_same_v<V, std::monostate>) {
            return "NULL";
          } else if constexpr (std::is_same_v<V, bool>) {
            return value ? "true" : "false";
          } else if constexpr (std::is_same_v<V, double>) {
            return fmt::format("{:.15g}", value);
          } else if constexpr (std::is_same_v<V, Int128>) {
            return Decimal(value, column.carrier.scale);
          } else if constexpr (std::is_same_v<V, std::string>) {
            if (column.type.kind != DataTypeKind::kBinary) return value;
            std::string hex;
            for (const char c : value) hex += fmt::format("{:02X}", static_cast<uint8_t>(c));
            return hex;
          } else {
            return fmt::format("{}", value);
          }
        },
        cell.value);
  }

  static std::string Decimal(Int128 value, int32_t scale) {
    std::string digits;
    const bool negative = value < 0;
    for (Int128 rest = negative ? -value : value;
         rest > 0 || static_cast<int32_t>(digits.size()) <= scale; rest /= 10) {
      digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
    }
    if (scale > 0) digits.insert(digits.size() - static_cast<size_t>(scale), ".");
    return negative ? "-" + digits : digits;
  }

  static std::string Day(int64_t days) {
    // Civil from days (proleptic Gregorian).
    const int64_t z = days + 719468;
    const int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    const int64_t doe = z - era * 146097;
    const int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    const int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    const int64_t mp = (5 * doy + 2) / 153;
    const int64_t month = mp < 10 ? mp + 3 : mp - 9;
    return fmt::format("{:04}-{:02}-{:02}", yoe + era * 400 + (month <= 2 ? 1 : 0), month,
                       doy - (153 * mp + 2) / 5 + 1);
  }

  static std::string Moment(int64_t seconds) {
    const int64_t days = seconds >= 0 ? seconds / 86400 : -((86399 - seconds) / 86400);
    const int64_t rest = seconds - days * 86400;
    return fmt::format("{} {:02}:{:02}:{:02}", Day(days), rest / 3600, rest / 60 % 60, rest % 60);
  }

  TestNames names_;
  BindRequest request_{.session = {.now = 1'700'000'000'000'000, .user = "ADMIN"}};
  std::string time_zone_ = "UTC";
  std::shared_ptr<CountingNumbers> numbers_ = std::make_shared<CountingNumbers>();
  std::string printed_;
};

}  // namespace tarn::sql
