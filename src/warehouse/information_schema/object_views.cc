// SPDX-License-Identifier: Apache-2.0
// INFORMATION_SCHEMA.SEQUENCES, STAGES, FILE_FORMATS, FUNCTIONS, PROCEDURES, ENABLED_ROLES,
// APPLICABLE_ROLES and INFORMATION_SCHEMA_CATALOG_NAME.
#include <algorithm>
#include <charconv>

#include "warehouse/information_schema/information_views.h"
#include "warehouse/metastore/grants.h"
#include "warehouse/objects/routine.h"
#include "warehouse/objects/sequence.h"
#include "warehouse/objects/stage.h"

namespace tarn::warehouse {
namespace {

constexpr int64_t kDecimal = 10;
constexpr int64_t kUtf8BytesMax = 4;
constexpr int64_t kSequenceDigits = 38;

std::string SchemaOf(const InformationPlace& place, const ObjectHead& head) {
  return std::string(place.objects.lister().SchemaName(head));
}
Value OwnerOf(const InformationPlace& place, const ObjectHead& head) {
  return TextOrNothing(place.objects.NameOf(head.owner));
}

/// "(N NUMBER, S VARCHAR)".
std::string ArgumentsOf(const Routine& routine) {
  std::string text = "(";
  for (const Argument& argument : routine.arguments) {
    if (text.size() > 1) text += ", ";
    text += fmt::format("{} {}", argument.name, ToString(argument.type.kind));
  }
  return text + ")";
}

std::string ReturnsOf(const Routine& routine) {
  if (!routine.returns_table) return sql::ToString(routine.returns);
  std::string text = "TABLE (";
  for (const Column& column : *routine.returns_table) {
    if (!text.ends_with('(')) text += ", ";
    text += fmt::format("{} {}", column.name, ToString(column.type.kind));
  }
  return text + ")";
}

/// From CHARACTER_MAXIMUM_LENGTH to NUMERIC_SCALE.
void AddSizes(const Routine& routine, std::vector<Value>& row) {
  const sql::DataType& type = routine.returns;
  const bool is_text = !routine.returns_table && type.kind == sql::DataTypeKind::kVarchar;
  const bool is_number = !routine.returns_table && type.kind == sql::DataTypeKind::kNumber;
  row.push_back(is_text ? Value(type.length) : Value());
  row.push_back(is_text ? Value(std::min(type.length * kUtf8BytesMax,
                                         std::max(type.length, sql::kVarcharLengthDefault)))
                        : Value());
  row.push_back(is_number ? Value(int64_t{type.precision}) : Value());
  row.push_back(is_number ? Value(kDecimal) : Value());
  row.push_back(is_number ? Value(int64_t{type.scale}) : Value());
}

void AddTimesAndComment(const ObjectHead& head, std::vector<Value>& row) {
  row.push_back(TimeValue(head.created_ms));
  row.push_back(TimeValue(head.altered_ms));
  row.push_back(TextOrNothing(head.comment));
}

/// Of a role that was granted: the name of the role, and its owner's.
std::vector<Value> RoleRow(const InformationPlace& place, ObjectId role) {
  const auto head = place.accounts.Take(place.accounts.snapshot().FindHead(role));
  return {place.accounts.NameOf(role),
          head ? TextOrNothing(place.accounts.NameOf(head->owner)) : Value()};
}

}  // namespace

std::vector<MadeColumn> SequencesColumns() {
  return {TextColumn("SEQUENCE_CATALOG"),
          TextColumn("SEQUENCE_SCHEMA"),
          TextColumn("SEQUENCE_NAME"),
          TextColumn("SEQUENCE_OWNER"),
          TextColumn("DATA_TYPE"),
          NumberColumn("NUMERIC_PRECISION"),
          NumberColumn("NUMERIC_PRECISION_RADIX"),
          NumberColumn("NUMERIC_SCALE"),
          TextColumn("START_VALUE"),
          TextColumn("MINIMUM_VALUE"),
          TextColumn("MAXIMUM_VALUE"),
          TextColumn("NEXT_VALUE"),
          TextColumn("INCREMENT"),
          TextColumn("CYCLE_OPTION"),
          TimeColumn("CREATED"),
          TimeColumn("LAST_ALTERED"),
          TextColumn("ORDERED"),
          TextColumn("COMMENT")};
}

StatementResult<InformationRows> SequencesRows(const InformationPlace& place) {
  STATEMENT_ASSIGN(const auto sequences, place.objects.lister().List<Sequence>());
  InformationRows rows;
  for (const auto& [head, sequence] : sequences) {
    rows.push_back({place.database.name, SchemaOf(place, head), head.name, OwnerOf(place, head),
                    std::string("NUMBER"), kSequenceDigits, kDecimal, int64_t{0},
                    Value(),  // START_VALUE is not kept
                    Value(), Value(), std::to_string(sequence.next_value),
                    std::to_string(sequence.increment), YesOrNo(false), TimeValue(head.created_ms),
                    TimeValue(head.altered_ms), YesOrNo(sequence.ordered),
                    TextOrNothing(head.comment)});
  }
  return rows;
}

std::vector<MadeColumn> StagesColumns() {
  return {TextColumn("STAGE_CATALOG"), TextColumn("STAGE_SCHEMA"), TextColumn("STAGE_NAME"),
          TextColumn("STAGE_URL"),     TextColumn("STAGE_REGION"), TextColumn("STAGE_TYPE"),
          TextColumn("STAGE_OWNER"),   TextColumn("COMMENT"),      TimeColumn("CREATED"),
          TimeColumn("LAST_ALTERED")};
}

StatementResult<InformationRows> StagesRows(const InformationPlace& place) {
  STATEMENT_ASSIGN(const auto stages, place.objects.lister().List<Stage>());
  InformationRows rows;
  for (const auto& [head, stage] : stages) {
    rows.push_back({place.database.name, SchemaOf(place, head), head.name, TextOrNothing(stage.url),
                    Value(), std::string(stage.url.empty() ? "Internal Named" : "External Named"),
                    OwnerOf(place, head), TextOrNothing(head.comment), TimeValue(head.created_ms),
                    TimeValue(head.altered_ms)});
  }
  return rows;
}

namespace {

/// Columns of FILE_FORMATS that are options of the format, by their name.
constexpr const char* kFormatOptions[] = {"RECORD_DELIMITER",
                                          "FIELD_DELIMITER",
                                          "SKIP_HEADER",
                                          "DATE_FORMAT",
                                          "TIME_FORMAT",
                                          "TIMESTAMP_FORMAT",
                                          "BINARY_FORMAT",
                                          "ESCAPE",
                                          "ESCAPE_UNENCLOSED_FIELD",
                                          "TRIM_SPACE",
                                          "FIELD_OPTIONALLY_ENCLOSED_BY",
                                          "NULL_IF",
                                          "COMPRESSION",
                                          "ERROR_ON_COLUMN_COUNT_MISMATCH"};

Value OptionValue(const FileFormat& format, std::string_view name) {
  const auto found = format.options.find(std::string(name));
  if (found == format.options.end()) return {};
  if (name != "SKIP_HEADER") return found->second;
  int64_t lines = 0;
  std::from_chars(found->second.data(), found->second.data() + found->second.size(), lines);
  return lines;
}

}  // namespace

std::vector<MadeColumn> FileFormatsColumns() {
  std::vector<MadeColumn> columns = {
      TextColumn("FILE_FORMAT_CATALOG"), TextColumn("FILE_FORMAT_SCHEMA"),
      TextColumn("FILE_FORMAT_NAME"), TextColumn("FILE_FORMAT_OWNER"),
      TextColumn("FILE_FORMAT_TYPE")};
  for (const char* option : kFormatOptions) {
    const bool number = std::string_view(option) == "SKIP_HEADER";
    columns.push_back(number ? NumberColumn(option) : TextColumn(option));
  }
  columns.push_back(TimeColumn("CREATED"));
  columns.push_back(TimeColumn("LAST_ALTERED"));
  columns.push_back(TextColumn("COMMENT"));
  return columns;
}

StatementResult<InformationRows> FileFormatsRows(const InformationPlace& place) {
  STATEMENT_ASSIGN(const auto formats, place.objects.lister().List<FileFormat>());
  InformationRows rows;
  for (const auto& [head, format] : formats) {
    std::vector<Value>& row = rows.emplace_back();
    row = {place.database.name, SchemaOf(place, head), head.name, OwnerOf(place, head),
           format.type};
    for (const char* option : kFormatOptions) row.push_back(OptionValue(format, option));
    AddTimesAndComment(head, row);
  }
  return rows;
}

std::vector<MadeColumn> FunctionsColumns() {
  std::vector<MadeColumn> columns = {TextColumn("FUNCTION_CATALOG"),
                                     TextColumn("FUNCTION_SCHEMA"),
                                     TextColumn("FUNCTION_NAME"),
                                     TextColumn("FUNCTION_OWNER"),
                                     TextColumn("ARGUMENT_SIGNATURE"),
                                     TextColumn("DATA_TYPE"),
                                     NumberColumn("CHARACTER_MAXIMUM_LENGTH"),
                                     NumberColumn("CHARACTER_OCTET_LENGTH"),
                                     NumberColumn("NUMERIC_PRECISION"),
                                     NumberColumn("NUMERIC_PRECISION_RADIX"),
                                     NumberColumn("NUMERIC_SCALE"),
                                     TextColumn("FUNCTION_LANGUAGE"),
                                     TextColumn("FUNCTION_DEFINITION"),
                                     TextColumn("VOLATILITY"),
                                     TextColumn("IS_NULL_CALL"),
                                     TextColumn("IS_SECURE"),
                                     TimeColumn("CREATED"),
                                     TimeColumn("LAST_ALTERED"),
                                     TextColumn("COMMENT"),
                                     TextColumn("IS_EXTERNAL")};
  for (const char* name : {"API_INTEGRATION", "CONTEXT_HEADERS"})
    columns.push_back(TextColumn(name));
  columns.push_back(NumberColumn("MAX_BATCH_ROWS"));
  for (const char* name : {"REQUEST_TRANSLATOR", "RESPONSE_TRANSLATOR", "COMPRESSION", "IMPORTS",
                           "HANDLER", "TARGET_PATH", "RUNTIME_VERSION", "PACKAGES",
                           "INSTALLED_PACKAGES", "IS_MEMOIZABLE", "EXTERNAL_ACCESS_INTEGRATIONS",
                           "SECRETS", "IS_DATA_METRIC", "IS_AGGREGATE", "ARTIFACT_REPOSITORY"}) {
    columns.push_back(TextColumn(name));
  }
  return columns;
}

StatementResult<InformationRows> FunctionsRows(const InformationPlace& place) {
  STATEMENT_ASSIGN(const auto functions, place.objects.lister().List<Function>());
  InformationRows rows;
  for (const auto& [head, function] : functions) {
    std::vector<Value>& row = rows.emplace_back();
    row = {place.database.name,  SchemaOf(place, head), head.name,
           OwnerOf(place, head), ArgumentsOf(function), ReturnsOf(function)};
    AddSizes(function, row);
    const bool hidden = function.secure && !place.objects.authority().Owns(head);
    row.push_back(function.language);
    row.push_back(hidden ? Value() : Value(function.body));
    row.push_back(std::string(function.immutable ? "IMMUTABLE" : "VOLATILE"));
    row.push_back(YesOrNo(!function.strict));
    row.push_back(YesOrNo(function.secure));
    AddTimesAndComment(head, row);
    row.push_back(YesOrNo(false));
    row.resize(row.size() + 12);  // from API_INTEGRATION to INSTALLED_PACKAGES
    row.push_back(YesOrNo(function.memoizable));
    row.push_back(Value());
    row.push_back(Value());
    row.push_back(YesOrNo(false));
    row.push_back(YesOrNo(function.aggregate));
    row.push_back(Value());
  }
  return rows;
}

std::vector<MadeColumn> ProceduresColumns() {
  return {TextColumn("PROCEDURE_CATALOG"),
          TextColumn("PROCEDURE_SCHEMA"),
          TextColumn("PROCEDURE_NAME"),
          TextColumn("PROCEDURE_OWNER"),
          TextColumn("ARGUMENT_SIGNATURE"),
          TextColumn("DATA_TYPE"),
          NumberColumn("CHARACTER_MAXIMUM_LENGTH"),
          NumberColumn("CHARACTER_OCTET_LENGTH"),
          NumberColumn("NUMERIC_PRECISION"),
          NumberColumn("NUMERIC_PRECISION_RADIX"),
          NumberColumn("NUMERIC_SCALE"),
          TextColumn("PROCEDURE_LANGUAGE"),
          TextColumn("PROCEDURE_DEFINITION"),
          TimeColumn("CREATED"),
          TimeColumn("LAST_ALTERED"),
          TextColumn("COMMENT"),
          TextColumn("EXTERNAL_ACCESS_INTEGRATIONS"),
          TextColumn("SECRETS"),
          TextColumn("RUNTIME_VERSION"),
          TextColumn("PACKAGES"),
          TextColumn("INSTALLED_PACKAGES"),
          TextColumn("ARTIFACT_REPOSITORY"),
          TextColumn("OWNER_ROLE_TYPE")};
}

StatementResult<InformationRows> ProceduresRows(const InformationPlace& place) {
  STATEMENT_ASSIGN(const auto procedures, place.objects.lister().List<Procedure>());
  InformationRows rows;
  for (const auto& [head, procedure] : procedures) {
    std::vector<Value>& row = rows.emplace_back();
    row = {place.database.name,  SchemaOf(place, head),  head.name,
           OwnerOf(place, head), ArgumentsOf(procedure), ReturnsOf(procedure)};
    AddSizes(procedure, row);
    // What runs with the owner's rights is the owner's to read.
    const bool readable = procedure.as_caller || place.objects.authority().Owns(head);
    row.push_back(procedure.language);
    row.push_back(readable ? Value(procedure.body) : Value());
    AddTimesAndComment(head, row);
    row.resize(row.size() + 6);
    row.push_back(TextOrNothing(place.objects.OwnerTypeOf(head.owner)));
  }
  return rows;
}

std::vector<MadeColumn> EnabledRolesColumns() {
  return {TextColumn("ROLE_NAME"), TextColumn("ROLE_OWNER")};
}

StatementResult<InformationRows> EnabledRolesRows(const InformationPlace& place) {
  InformationRows rows;
  const Snapshot& snapshot = place.accounts.snapshot();
  for (const ObjectId role : place.accounts.authority().roles()) {
    // Roles of applications are none of the session.
    STATEMENT_ASSIGN(const auto head, snapshot.FindHead(role));
    if (head && head->container == kAccountId) rows.push_back(RoleRow(place, role));
  }
  std::ranges::sort(rows, {},
                    [](const std::vector<Value>& row) { return std::get<std::string>(row[0]); });
  return rows;
}

std::vector<MadeColumn> ApplicableRolesColumns() {
  return {TextColumn("GRANTEE"), TextColumn("ROLE_NAME"), TextColumn("ROLE_OWNER"),
          TextColumn("IS_GRANTABLE")};
}

StatementResult<InformationRows> ApplicableRolesRows(const InformationPlace& place) {
  const Snapshot& snapshot = place.accounts.snapshot();
  const ObjectId user = place.accounts.caller().user;
  STATEMENT_ASSIGN(const auto graph, snapshot.Roles());
  // The user's own grants, then those of every role that they bring.
  std::vector<ObjectId> grantees = {user};
  const std::vector<ObjectId> roles = graph->Closure(graph->GrantedTo(user));
  grantees.insert(grantees.end(), roles.begin(), roles.end());
  InformationRows rows;
  for (const ObjectId grantee : grantees) {
    STATEMENT_ASSIGN(const auto grants, RolesGrantedTo(snapshot, grantee));
    for (const RoleGrant& grant : grants) {
      std::vector<Value> role = RoleRow(place, grant.role);
      rows.push_back({place.accounts.NameOf(grantee), role[0], role[1], YesOrNo(false)});
    }
  }
  return rows;
}

std::vector<MadeColumn> CatalogNameColumns() { return {TextColumn("CATALOG_NAME")}; }

StatementResult<InformationRows> CatalogNameRows(const InformationPlace& place) {
  return InformationRows{{place.database.name}};
}

}  // namespace tarn::warehouse
