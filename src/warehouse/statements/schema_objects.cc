// SPDX-License-Identifier: Apache-2.0
// SEQUENCE, FILE FORMAT and TAG.
#include <algorithm>

#include "warehouse/objects/object_errors.h"
#include "warehouse/statements/file_format_options.h"
#include "warehouse/statements/object_statements.h"
#include "warehouse/statements/option_reader.h"

namespace tarn::warehouse {
namespace {

namespace syntax = sql::syntax;

/// An ALTER that only sets options: `read` takes those of the kind, and finishes.
template <typename Noun>
Outcome AlterByOptions(const StatementContext& context, const syntax::AlterObject& alter,
                       const std::function<StatementResult<>(OptionReader&, Noun&)>& read) {
  return AlterByActions<Noun>(context, alter,
                              [&](Alteration& alteration, Noun& noun,
                                  const syntax::AlterAction& action) -> StatementResult<> {
                                const auto* set = std::get_if<syntax::SetOptions>(&action);
                                if (set == nullptr) return UnsupportedClause(alter);
                                OptionReader options(context, syntax::ToString(alter.kind),
                                                     set->options);
                                alteration.comment = options.Text("COMMENT");
                                return read(options, noun);
                              });
}

StatementResult<> ReadSequence(OptionReader& options, Sequence& sequence) {
  if (const auto increment = options.Integer("INCREMENT")) {
    if (*increment == 0) return InvalidParameterValue("INCREMENT", "0");
    sequence.increment = *increment;
  }
  if (options.Flag("ORDER")) sequence.ordered = true;
  if (options.Flag("NOORDER")) sequence.ordered = false;
  return options.Finish();
}

}  // namespace

Outcome CreateSequence(StatementContext& context, const syntax::CreateObject& create) {
  STATEMENT_ASSIGN(CreateRequest request, HeadOf(context, create.head));
  OptionReader options(context, "SEQUENCE", create.options);
  request.comment = options.Text("COMMENT").value_or("");
  Sequence sequence;
  sequence.next_value = options.Integer("START").value_or(1);
  STATEMENT_TRY(ReadSequence(options, sequence));
  request.definition = sequence;
  return CreateAndTell(context, request);
}

Outcome AlterSequence(StatementContext& context, const syntax::AlterObject& alter) {
  return AlterByOptions<Sequence>(context, alter, ReadSequence);
}

Outcome CreateFileFormat(StatementContext& context, const syntax::CreateObject& create) {
  STATEMENT_ASSIGN(CreateRequest request, HeadOf(context, create.head));
  STATEMENT_TRY(AllowModifiers(create.head, {}));
  OptionReader options(context, "FILE FORMAT", create.options);
  request.comment = options.Text("COMMENT").value_or("");
  STATEMENT_ASSIGN(request.definition, ReadFileFormat(options, std::nullopt));
  STATEMENT_TRY(options.Finish());
  return CreateAndTell(context, request);
}

Outcome AlterFileFormat(StatementContext& context, const syntax::AlterObject& alter) {
  return AlterByOptions<FileFormat>(
      context, alter, [](OptionReader& options, FileFormat& format) -> StatementResult<> {
        STATEMENT_ASSIGN(FileFormat changed, ReadFileFormat(options, format.type));
        STATEMENT_TRY(options.Finish());
        for (auto& [key, value] : changed.options) format.options[key] = std::move(value);
        return {};
      });
}

Outcome CreateTag(StatementContext& context, const syntax::CreateObject& create) {
  STATEMENT_ASSIGN(CreateRequest request, HeadOf(context, create.head));
  OptionReader options(context, "TAG", create.options);
  request.comment = options.Text("COMMENT").value_or("");
  Tag tag;
  tag.allowed_values = options.Texts("ALLOWED_VALUES").value_or(std::vector<std::string>{});
  tag.propagate = options.Text("PROPAGATE").value_or("");
  STATEMENT_TRY(options.Finish());
  request.definition = std::move(tag);
  return CreateAndTell(context, request);
}

Outcome AlterTag(StatementContext& context, const syntax::AlterObject& alter) {
  return AlterByActions<Tag>(
      context, alter,
      [&](Alteration&, Tag& tag, const syntax::AlterAction& action) -> StatementResult<> {
        const auto* perform = std::get_if<syntax::Perform>(&action);
        const bool adds = perform != nullptr && perform->verb == "ADD ALLOWED_VALUES";
        const bool drops = perform != nullptr && perform->verb == "DROP ALLOWED_VALUES";
        if (!adds && !drops) return UnsupportedClause(alter);
        for (const syntax::Expression& argument : perform->arguments) {
          STATEMENT_ASSIGN(const std::string value, ConstantText(context, argument));
          std::erase(tag.allowed_values, value);
          if (adds) tag.allowed_values.push_back(value);
        }
        return {};
      });
}

}  // namespace tarn::warehouse
