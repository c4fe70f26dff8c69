// SPDX-License-Identifier: Apache-2.0
// SHOW SEQUENCES, FILE FORMATS, USER FUNCTIONS, PROCEDURES, STAGES, STREAMS, TASKS, TAGS.
#include <algorithm>
#include <array>

#include "warehouse/metastore/parameters.h"
#include "warehouse/show/show_parts.h"
#include "warehouse/show/shown_columns.h"
#include "warehouse/streams/stream_life.h"

namespace tarn::warehouse {
namespace {

constexpr auto kNumber = ShownType::kNumber;
constexpr auto kTimestamp = ShownType::kTimestamp;

using Q = Sequence;
constexpr std::array kSequences = {
    Shown<Q>{{"name"}, Name<Q>},
    Shown<Q>{{"database_name"}, DatabaseName<Q>},
    Shown<Q>{{"schema_name"}, SchemaName<Q>},
    Shown<Q>{{"next_value", kNumber}, Of<&Q::next_value>},
    Shown<Q>{{"interval", kNumber}, Of<&Q::increment>},
    Shown<Q>{{"created_on", kTimestamp}, CreatedOn<Q>},
    Shown<Q>{{"owner"}, Owner<Q>},
    Shown<Q>{{"comment"}, Comment<Q>},
    Shown<Q>{{"owner_role_type"}, OwnerRoleType<Q>},
    Shown<Q>{{"ordered"}, YesNo<&Q::ordered>},
};

using F = FileFormat;

Value FormatOptions(const ShowContext&, const Object<F>& object) {
  nlohmann::json json = ToJson(object.value.options);
  json["TYPE"] = object.value.type;
  return json.dump();
}

constexpr std::array kFileFormats = {
    Shown<F>{{"created_on", kTimestamp}, CreatedOn<F>},
    Shown<F>{{"name"}, Name<F>},
    Shown<F>{{"database_name"}, DatabaseName<F>},
    Shown<F>{{"schema_name"}, SchemaName<F>},
    Shown<F>{{"type"}, Of<&F::type>},
    Shown<F>{{"owner"}, Owner<F>},
    Shown<F>{{"comment"}, Comment<F>},
    Shown<F>{{"format_options"}, FormatOptions},
    Shown<F>{{"owner_role_type"}, OwnerRoleType<F>},
};

template <typename Noun>
Value ArgumentsMin(const ShowContext&, const Object<Noun>& object) {
  return static_cast<int64_t>(std::ranges::count_if(
      object.value.arguments,
      [](const Argument& argument) { return !argument.default_sql.has_value(); }));
}
template <typename Noun>
Value ArgumentsMax(const ShowContext&, const Object<Noun>& object) {
  return static_cast<int64_t>(object.value.arguments.size());
}
template <typename Noun>
Value ArgumentsText(const ShowContext&, const Object<Noun>& object) {
  std::string text = object.head.name + "(";
  for (size_t i = 0; i < object.value.arguments.size(); ++i) {
    const Argument& argument = object.value.arguments[i];
    if (i > 0) text += ", ";
    const std::string_view type = ToString(argument.type.kind);
    text += argument.default_sql ? fmt::format("DEFAULT {}", type) : std::string(type);
  }
  text += ") RETURN ";
  if (!object.value.returns_table) return text + std::string(ToString(object.value.returns.kind));
  text += "TABLE (";
  for (size_t i = 0; i < object.value.returns_table->size(); ++i) {
    const Column& column = (*object.value.returns_table)[i];
    if (i > 0) text += ", ";
    text += fmt::format("{} {}", column.name, ToString(column.type.kind));
  }
  return text + ")";
}
template <typename Noun>
Value IsTableFunction(const ShowContext&, const Object<Noun>& object) {
  return std::string(object.value.returns_table ? "Y" : "N");
}
template <typename Noun>
Value RoutineComment(const ShowContext&, const Object<Noun>& object) {
  if (!object.head.comment.empty()) return object.head.comment;
  return std::string(Noun::kKind == ObjectKind::kFunction ? "user-defined function"
                                                          : "user-defined procedure");
}

using N = Function;
constexpr std::array kFunctions = {
    Shown<N>{{"created_on", kTimestamp}, CreatedOn<N>},
    Shown<N>{{"name"}, Name<N>},
    Shown<N>{{"schema_name"}, SchemaName<N>},
    Shown<N>{{"is_builtin"}, No<N>},
    Shown<N>{{"is_aggregate"}, YesNo<&N::aggregate>},
    Shown<N>{{"is_ansi"}, No<N>},
    Shown<N>{{"min_num_arguments", kNumber}, ArgumentsMin<N>},
    Shown<N>{{"max_num_arguments", kNumber}, ArgumentsMax<N>},
    Shown<N>{{"arguments"}, ArgumentsText<N>},
    Shown<N>{{"description"}, RoutineComment<N>},
    Shown<N>{{"catalog_name"}, DatabaseName<N>},
    Shown<N>{{"is_table_function"}, IsTableFunction<N>},
    Shown<N>{{"valid_for_clustering"}, No<N>},
    Shown<N>{{"is_secure"}, YesNo<&N::secure>},
    Shown<N>{{"secrets"}, Null<N>},
    Shown<N>{{"external_access_integrations"}, Null<N>},
    Shown<N>{{"is_external_function"}, No<N>},
    Shown<N>{{"language"}, Of<&N::language>},
    Shown<N>{{"is_memoizable"}, YesNo<&N::memoizable>},
    Shown<N>{{"is_data_metric"}, No<N>},
};

using P = Procedure;
constexpr std::array kProcedures = {
    Shown<P>{{"created_on", kTimestamp}, CreatedOn<P>},
    Shown<P>{{"name"}, Name<P>},
    Shown<P>{{"schema_name"}, SchemaName<P>},
    Shown<P>{{"is_builtin"}, No<P>},
    Shown<P>{{"is_aggregate"}, No<P>},
    Shown<P>{{"is_ansi"}, No<P>},
    Shown<P>{{"min_num_arguments", kNumber}, ArgumentsMin<P>},
    Shown<P>{{"max_num_arguments", kNumber}, ArgumentsMax<P>},
    Shown<P>{{"arguments"}, ArgumentsText<P>},
    Shown<P>{{"description"}, RoutineComment<P>},
    Shown<P>{{"catalog_name"}, DatabaseName<P>},
    Shown<P>{{"is_table_function"}, IsTableFunction<P>},
    Shown<P>{{"valid_for_clustering"}, No<P>},
    Shown<P>{{"is_secure"}, YesNo<&P::secure>},
};

using S = Stage;

Value HasCredentials(const ShowContext&, const Object<S>& object) {
  return std::string(object.value.credentials.empty() ? "N" : "Y");
}
Value HasEncryptionKey(const ShowContext&, const Object<S>& object) {
  return std::string(object.value.encryption.contains("MASTER_KEY") ? "Y" : "N");
}
Value StageType(const ShowContext&, const Object<S>& object) {
  std::string type = object.value.url.empty() ? "INTERNAL" : "EXTERNAL";
  if (object.head.is_temporary()) type += " TEMPORARY";
  return type;
}
Value Cloud(const ShowContext&, const Object<S>& object) {
  return object.value.url.starts_with("s3") ? Value(std::string("AWS")) : Value();
}
Value StageIntegration(const ShowContext& context, const Object<S>& object) {
  const auto& integration = object.value.storage_integration;
  return integration ? Value(context.NameOf(*integration)) : Value();
}

constexpr std::array kStages = {
    Shown<S>{{"created_on", kTimestamp}, CreatedOn<S>},
    Shown<S>{{"name"}, Name<S>},
    Shown<S>{{"database_name"}, DatabaseName<S>},
    Shown<S>{{"schema_name"}, SchemaName<S>},
    Shown<S>{{"url"}, Of<&S::url>},
    Shown<S>{{"has_credentials"}, HasCredentials},
    Shown<S>{{"has_encryption_key"}, HasEncryptionKey},
    Shown<S>{{"owner"}, Owner<S>},
    Shown<S>{{"comment"}, Comment<S>},
    Shown<S>{{"region"}, Null<S>},
    Shown<S>{{"type"}, StageType},
    Shown<S>{{"cloud"}, Cloud},
    Shown<S>{{"notification_channel"}, Null<S>},
    Shown<S>{{"storage_integration"}, StageIntegration},
    Shown<S>{{"endpoint"}, TextOrNull<&S::endpoint>},
    Shown<S>{{"owner_role_type"}, OwnerRoleType<S>},
    Shown<S>{{"directory_enabled"}, YesNo<&S::directory_enabled>},
};

using R = Stream;

bool IsGone(const ShowContext& context, const Object<R>& object) {
  return !object.value.invalid_reason.empty() ||
         !context.Take(context.snapshot().IsAlive(object.value.source));
}
std::optional<int64_t> StaleAfterMs(const ShowContext& context, const Object<R>& object) {
  const bool on_stage = object.value.source_kind == StreamSource::kStage;
  std::optional<int64_t> first;
  for (const StreamOffset& offset : object.value.offsets) {
    const int64_t life_ms =
        context.Take(on_stage ? RetentionMs(context.snapshot(), offset.object)
                              : StreamLifeMs(context.snapshot(), offset.object));
    const int64_t end_ms = offset.at_ms + life_ms;
    if (!first || end_ms < *first) first = end_ms;
  }
  return first;
}
/// What a stream on a stage needs stays as long as the stream.
bool IsStale(const ShowContext& context, const Object<R>& object) {
  if (IsGone(context, object)) return true;
  if (object.value.source_kind == StreamSource::kStage) return false;
  const auto after_ms = StaleAfterMs(context, object);
  return after_ms && *after_ms < context.snapshot().now_ms();
}
Value SourceName(const ShowContext& context, const Object<R>& object) {
  const std::string name = context.QualifiedNameOf(object.value.source);
  return name.empty() ? object.value.source_name : name;
}
Value BaseTables(const ShowContext& context, const Object<R>& object) {
  std::string names;
  for (const StreamOffset& offset : object.value.offsets) {
    if (!names.empty()) names += ", ";
    names += context.QualifiedNameOf(offset.object);
  }
  return names.empty() ? object.value.source_name : names;
}
Value Stale(const ShowContext& context, const Object<R>& object) {
  return std::string(IsStale(context, object) ? "true" : "false");
}
Value StaleAfter(const ShowContext& context, const Object<R>& object) {
  return Timestamp(StaleAfterMs(context, object));
}
Value InvalidReason(const ShowContext& context, const Object<R>& object) {
  if (!object.value.invalid_reason.empty()) return object.value.invalid_reason;
  return std::string(IsGone(context, object) ? "Base object is dropped or replaced." : "N/A");
}

Value StreamType(const ShowContext&, const Object<R>&) { return std::string("DELTA"); }

constexpr std::array kStreams = {
    Shown<R>{{"created_on", kTimestamp}, CreatedOn<R>},
    Shown<R>{{"name"}, Name<R>},
    Shown<R>{{"database_name"}, DatabaseName<R>},
    Shown<R>{{"schema_name"}, SchemaName<R>},
    Shown<R>{{"owner"}, Owner<R>},
    Shown<R>{{"comment"}, Comment<R>},
    Shown<R>{{"table_name"}, SourceName},
    Shown<R>{{"source_type"}, Of<&R::source_kind>},
    Shown<R>{{"base_tables"}, BaseTables},
    Shown<R>{{"type"}, StreamType},
    Shown<R>{{"stale"}, Stale},
    Shown<R>{{"mode"}, Of<&R::mode>},
    Shown<R>{{"stale_after", kTimestamp}, StaleAfter},
    Shown<R>{{"invalid_reason"}, InvalidReason},
    Shown<R>{{"owner_role_type"}, OwnerRoleType<R>},
};

using T = Task;

Value Predecessors(const ShowContext& context, const Object<T>& object) {
  nlohmann::json names = nlohmann::json::array();
  for (const ObjectId id : object.value.predecessors) names.push_back(context.QualifiedNameOf(id));
  return names.dump();
}
Value AllowsOverlap(const ShowContext&, const Object<T>& object) {
  return std::string(object.value.overlap_policy == "NO_OVERLAP" ? "false" : "true");
}
Value TaskRelations(const ShowContext& context, const Object<T>& object) {
  nlohmann::json relations = {{"Predecessors", nlohmann::json::array()}};
  for (const ObjectId id : object.value.predecessors) {
    relations["Predecessors"].push_back(context.QualifiedNameOf(id));
  }
  if (object.value.finalizes) {
    relations["FinalizedRootTask"] = context.QualifiedNameOf(*object.value.finalizes);
  }
  return relations.dump();
}

constexpr std::array kTasks = {
    Shown<T>{{"created_on", kTimestamp}, CreatedOn<T>},
    Shown<T>{{"name"}, Name<T>},
    Shown<T>{{"id"}, Id<T>},
    Shown<T>{{"database_name"}, DatabaseName<T>},
    Shown<T>{{"schema_name"}, SchemaName<T>},
    Shown<T>{{"owner"}, Owner<T>},
    Shown<T>{{"comment"}, Comment<T>},
    Shown<T>{{"warehouse"}, Of<&T::warehouse>},
    Shown<T>{{"schedule"}, TextOrNull<&T::schedule>},
    Shown<T>{{"predecessors"}, Predecessors},
    Shown<T>{{"state"}, Of<&T::state>},
    Shown<T>{{"definition"}, Of<&T::definition>},
    Shown<T>{{"condition"}, TextOrNull<&T::condition>},
    Shown<T>{{"allow_overlapping_execution"}, AllowsOverlap},
    Shown<T>{{"error_integration"}, TextOrNull<&T::error_integration>},
    Shown<T>{{"last_committed_on", kTimestamp}, When<&T::last_committed_ms>},
    Shown<T>{{"last_suspended_on", kTimestamp}, When<&T::last_suspended_ms>},
    Shown<T>{{"owner_role_type"}, OwnerRoleType<T>},
    Shown<T>{{"config"}, TextOrNull<&T::config>},
    Shown<T>{{"budget"}, Null<T>},
    Shown<T>{{"task_relations"}, TaskRelations},
    Shown<T>{{"last_suspended_reason"}, TextOrNull<&T::last_suspended_reason>},
    Shown<T>{{"target_completion_interval"}, TextOrNull<&T::target_completion_interval>},
};

using G = Tag;

Value AllowedValues(const ShowContext&, const Object<G>& object) {
  if (object.value.allowed_values.empty()) return {};
  return ToJson(object.value.allowed_values).dump();
}

constexpr std::array kTags = {
    Shown<G>{{"created_on", kTimestamp}, CreatedOn<G>},
    Shown<G>{{"name"}, Name<G>},
    Shown<G>{{"database_name"}, DatabaseName<G>},
    Shown<G>{{"schema_name"}, SchemaName<G>},
    Shown<G>{{"owner"}, Owner<G>},
    Shown<G>{{"comment"}, Comment<G>},
    Shown<G>{{"allowed_values"}, AllowedValues},
    Shown<G>{{"owner_role_type"}, OwnerRoleType<G>},
};

template <typename Noun, size_t Count>
ShownRows ShowKind(const ShowContext& context, const std::array<Shown<Noun>, Count>& columns) {
  STATEMENT_ASSIGN(const auto objects, context.lister().List<Noun>());
  return Tabulate<Noun>(context, columns, objects);
}

}  // namespace

ShownRows ShowSequences(const ShowContext& context) { return ShowKind(context, kSequences); }
ShownRows ShowFileFormats(const ShowContext& context) { return ShowKind(context, kFileFormats); }
ShownRows ShowUserFunctions(const ShowContext& context) { return ShowKind(context, kFunctions); }
ShownRows ShowProcedures(const ShowContext& context) { return ShowKind(context, kProcedures); }
ShownRows ShowStages(const ShowContext& context) { return ShowKind(context, kStages); }
ShownRows ShowTags(const ShowContext& context) { return ShowKind(context, kTags); }

ShownRows ShowStreams(const ShowContext& context) {
  STATEMENT_ASSIGN(const auto objects, context.lister().List<Stream>());
  return StreamRows(context, objects);
}

ShownRows ShowTasks(const ShowContext& context, const ListFilter& filter) {
  STATEMENT_ASSIGN(const auto objects, context.lister().List<Task>());
  if (!filter.terse) return TaskRows(context, objects);
  const auto kept = WithColumns<Task>(kTasks, [](std::string_view name) {
    return name == "created_on" || name == "name" || name == "database_name" ||
           name == "schema_name" || name == "state";
  });
  return Tabulate<Task>(context, kept, objects);
}

RowSet StreamRows(const ShowContext& context, const std::vector<Object<Stream>>& objects) {
  return Tabulate<Stream>(context, kStreams, objects);
}

RowSet TaskRows(const ShowContext& context, const std::vector<Object<Task>>& objects) {
  return Tabulate<Task>(context, kTasks, objects);
}

RowSet SequenceRows(const ShowContext& context, const std::vector<Object<Sequence>>& objects) {
  return Tabulate<Sequence>(context, kSequences, objects);
}

}  // namespace tarn::warehouse
