// SPDX-License-Identifier: Apache-2.0
// STREAM.
#include "warehouse/catalogue/names.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/statements/object_statements.h"
#include "warehouse/statements/option_reader.h"

namespace tarn::warehouse {
namespace {

namespace syntax = sql::syntax;

/// The stream begins at what the directory says now.
StatementResult<Stream> StreamOnStage(const Transaction& transaction, const Caller& caller,
                                      const ObjectName& name) {
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(transaction, caller));
  STATEMENT_ASSIGN(const ObjectHead source, Resolve(transaction, caller, authority,
                                                    ObjectKind::kStage, name, "CREATE STREAM"));
  STATEMENT_ASSIGN(const auto stage, transaction.Find<Stage>(source.id));
  if (!stage) return DoesNotExist(ObjectKind::kStage, name.Written());
  Stream stream{.source_kind = StreamSource::kStage, .source = source.id};
  STATEMENT_ASSIGN(stream.source_name, transaction.QualifiedName(source.id));
  stream.offsets = {{.object = source.id,
                     .table_uuid = {},
                     .snapshot_id = std::nullopt,
                     .directory_version = stage->directory_version,
                     .at_ms = transaction.now_ms()}};
  return stream;
}

}  // namespace

Outcome Act(StatementContext& context, const syntax::CreateStream& create) {
  if (create.source_kind != syntax::ObjectKind::kStage) {
    return UnsupportedFeature(
        fmt::format("CREATE STREAM ON {}", syntax::ToString(create.source_kind)));
  }
  if (create.time_travel) return UnsupportedFeature("AT and BEFORE of a stream on a stage");
  STATEMENT_ASSIGN(CreateRequest request, HeadOf(context, create.head));
  STATEMENT_ASSIGN(const ObjectName source, NameOf(context, create.source));
  OptionReader options(context, "STREAM", create.options);
  request.comment = options.Text("COMMENT").value_or("");
  request.copy_grants = options.Flag("COPY GRANTS");
  STATEMENT_TRY(options.Finish());
  StatementOutcome told;
  STATEMENT_TRY(CommitObjects(
      context, [&](Transaction& transaction, const Caller& caller) -> StatementResult<> {
        STATEMENT_ASSIGN(request.definition, StreamOnStage(transaction, caller, source));
        STATEMENT_ASSIGN(const CreateOutcome outcome, CreateObject(transaction, caller, request));
        told.status = outcome.status;
        return {};
      }));
  return told;
}

}  // namespace tarn::warehouse
