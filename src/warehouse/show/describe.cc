// SPDX-License-Identifier: Apache-2.0
#include "warehouse/show/describe.h"

#include <algorithm>

#include "warehouse/catalogue/names.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/show/describe_parts.h"
#include "warehouse/show/show_parts.h"
#include "warehouse/show/shown_columns.h"

namespace tarn::warehouse {
namespace {

std::string TypedList(const std::vector<Argument>& arguments) {
  std::string text = "(";
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (i > 0) text += ", ";
    text += fmt::format("{} {}", arguments[i].name, ToString(arguments[i].type.kind));
  }
  return text + ")";
}

std::string ReturnsOf(const Routine& routine) {
  std::string text;
  if (routine.returns_table) {
    text = "TABLE (";
    for (size_t i = 0; i < routine.returns_table->size(); ++i) {
      const Column& column = (*routine.returns_table)[i];
      if (i > 0) text += ", ";
      text += fmt::format("{} {}", column.name, ToString(column.type.kind));
    }
    text += ")";
  } else {
    text = sql::ToString(routine.returns);
  }
  return routine.returns_not_null ? text + " NOT NULL" : text;
}

const char* NullHandling(bool strict) {
  return strict ? "RETURNS NULL ON NULL INPUT" : "CALLED ON NULL INPUT";
}

RowSet DescribeValue(const ShowContext& context, const Object<Procedure>& object) {
  const Procedure& procedure = object.value;
  PairRows rows("property", "value");
  rows.Add("signature", TypedList(procedure.arguments));
  rows.Add("returns", ReturnsOf(procedure));
  rows.Add("language", procedure.language);
  rows.Add("null handling", std::string(NullHandling(procedure.strict)));
  rows.Add("volatility", std::string("VOLATILE"));
  rows.Add("execute as", std::string(procedure.as_caller ? "CALLER" : "OWNER"));
  // What runs with the owner's rights is the owner's to read.
  const bool readable = procedure.as_caller || context.authority().Owns(object.head);
  rows.Add("body", readable ? Value(procedure.body) : Value());
  return rows.Take();
}

RowSet DescribeValue(const ShowContext& context, const Object<Function>& object) {
  const Function& function = object.value;
  PairRows rows("property", "value");
  rows.Add("signature", TypedList(function.arguments));
  rows.Add("returns", ReturnsOf(function));
  rows.Add("language", function.language);
  if (function.language != "SQL") {
    rows.Add("null handling", std::string(NullHandling(function.strict)));
    rows.Add("volatility", std::string(function.immutable ? "IMMUTABLE" : "VOLATILE"));
  }
  const bool readable = !function.secure || context.authority().Owns(object.head);
  rows.Add("body", readable ? Value(function.body) : Value());
  return rows.Take();
}

RowSet DescribeValue(const ShowContext&, const Object<Table>& object) {
  return DescribeColumns(object.value.columns, object.value.constraints);
}
RowSet DescribeValue(const ShowContext&, const Object<View>& object) {
  return DescribeColumns(object.value.columns, {});
}
RowSet DescribeValue(const ShowContext&, const Object<DynamicTable>& object) {
  return DescribeColumns(object.value.columns, {});
}
RowSet DescribeValue(const ShowContext& context, const Object<Stream>& object) {
  return StreamRows(context, {object});
}
RowSet DescribeValue(const ShowContext& context, const Object<Task>& object) {
  return TaskRows(context, {object});
}
RowSet DescribeValue(const ShowContext& context, const Object<Sequence>& object) {
  return SequenceRows(context, {object});
}

RowSet KindRow(const ObjectHead& head) {
  return {.columns = {{"created_on", ShownType::kTimestamp}, {"name"}, {"kind"}},
          .rows = {{Timestamp(head.created_ms), head.name, std::string(FactsOf(head.kind).sql)}}};
}
RowSet DescribeValue(const ShowContext&, const Object<VirtualWarehouse>& object) {
  return KindRow(object.head);
}
RowSet DescribeValue(const ShowContext&, const Object<Role>& object) {
  return KindRow(object.head);
}
RowSet DescribeValue(const ShowContext&, const Object<Tag>& object) { return KindRow(object.head); }

RowSet ContentsOf(const ShowContext& context, const ObjectHead& head) {
  RowSet set{.columns = {{"created_on", ShownType::kTimestamp}, {"name"}, {"kind"}}, .rows = {}};
  for (const ObjectHead& child : context.Take(context.snapshot().Heads(
           "WHERE o.container_id = ? AND o.dropped_ms IS NULL ORDER BY o.name", head.id))) {
    const bool shown =
        child.name == kInformationSchema || context.Take(context.authority().Sees(child));
    if (!shown) continue;
    set.rows.push_back(
        {Timestamp(child.created_ms), child.name, std::string(FactsOf(child.kind).sql)});
  }
  return set;
}
RowSet DescribeValue(const ShowContext& context, const Object<Application>& object) {
  PairRows rows("property", "value");
  rows.Add("name", object.head.name);
  rows.Add("source_type", object.value.source_type);
  rows.Add("source", object.value.source);
  rows.Add("version", object.value.version);
  rows.Add("owner", context.NameOf(object.head.owner));
  rows.Add("comment", object.head.comment);
  rows.Add("share_events_with_provider", std::string(object.value.share_events ? "true" : "false"));
  return rows.Take();
}
RowSet DescribeValue(const ShowContext& context, const Object<Database>& object) {
  return ContentsOf(context, object.head);
}
RowSet DescribeValue(const ShowContext& context, const Object<Schema>& object) {
  return ContentsOf(context, object.head);
}

/// Kinds that DESCRIBE takes for each other.
bool StandsFor(ObjectKind found, ObjectKind asked) {
  return found == asked || (FactsOf(asked).family != NameFamily::kOwn &&
                            FactsOf(asked).family == FactsOf(found).family);
}

StatementResult<ObjectHead> Find(const Snapshot& snapshot, const Caller& caller,
                                 const Authority& authority, ObjectKind kind,
                                 const ObjectName& name) {
  const std::string action = fmt::format("DESCRIBE {}", FactsOf(kind).sql);
  STATEMENT_ASSIGN(const ObjectId container, ResolveContainer(snapshot, caller, authority, kind,
                                                              name, action, NameUse::kTell));
  STATEMENT_ASSIGN(auto head, snapshot.FindNamed(container, FamilyOf(kind), name.name,
                                                 name.signature, caller.session));
  if (!head || !StandsFor(head->kind, kind)) return DoesNotExist(kind, name.Written());
  STATEMENT_ASSIGN(const bool sees, authority.Sees(*head));
  const bool oneself = head->id == caller.user;
  if (!sees && !oneself) return DoesNotExist(kind, name.Written());
  if (kind == ObjectKind::kUser && !oneself) STATEMENT_TRY(authority.Require(*head, kOwnership));
  return *std::move(head);
}

}  // namespace

RowSet DescribeResult(const std::vector<Column>& columns) { return DescribeColumns(columns, {}); }

StatementResult<RowSet> Describe(const Snapshot& snapshot, const Caller& caller, ObjectKind kind,
                                 const ObjectName& name, const ShowFacts& facts) {
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(snapshot, caller));
  STATEMENT_ASSIGN(const ObjectHead head, Find(snapshot, caller, authority, kind, name));
  STATEMENT_ASSIGN(Definition definition, snapshot.DefinitionOf(head));
  const ListFilter everything{.scope = ListScope::kAccount};
  STATEMENT_ASSIGN(const Lister lister, Lister::Make(snapshot, caller, authority, everything));
  const ShowContext context(snapshot, caller, authority, lister, facts);
  RowSet set = std::visit(
      [&]<typename Noun>(Noun& noun) {
        return DescribeValue(context, Object<Noun>{head, std::move(noun)});
      },
      definition);
  if (context.failure()) return std::unexpected(AsStatementError(*context.failure()));
  return set;
}

}  // namespace tarn::warehouse
