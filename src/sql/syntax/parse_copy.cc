// SPDX-License-Identifier: Apache-2.0
// COPY INTO, PUT, GET, LIST, REMOVE.
#include "sql/syntax/grammar.h"

namespace tarn::sql::syntax {

FileLocation Grammar::ParseFileLocation() {
  if (At(TokenKind::kStage)) return ParseStage();
  const size_t index = Index();
  std::string text = TakeString();
  if (!text.empty() && text.front() == '@') {
    MoveTo(index);
    return ParseStage();
  }
  return Literal{LiteralKind::kString, std::move(text)};
}

StatementValue Grammar::ParseCopy() {
  Expect("COPY");
  if (At("FILES")) Refuse("COPY FILES");
  Expect("INTO");
  if (At(TokenKind::kStage) || At(TokenKind::kString)) return ParseCopyIntoLocation();
  CopyIntoTable copy{.table = ParseObjectName(),
                     .columns = {},
                     .source = FileLocation(StageReference{}),
                     .options = {}};
  if (At(TokenKind::kLeftParenthesis)) copy.columns = ParseColumnNames();
  Expect("FROM");
  if (At(TokenKind::kLeftParenthesis)) {
    copy.source = ParseParenthesizedQuery();
  } else {
    copy.source = ParseFileLocation();
  }
  copy.options = ParseOptions();
  return copy;
}

StatementValue Grammar::ParseCopyIntoLocation() {
  CopyIntoLocation copy{
      .location = ParseFileLocation(), .source = ObjectName{}, .partition_by = {}, .options = {}};
  Expect("FROM");
  if (At(TokenKind::kLeftParenthesis)) {
    copy.source = ParseParenthesizedQuery();
  } else {
    copy.source = ParseObjectName();
  }
  if (AcceptAll({"PARTITION", "BY"})) {
    // Parentheses around it are part of the clause.
    copy.partition_by = ParseExpression();
  }
  copy.options = ParseOptions();
  while (At("HEADER") && !IsKind(1, TokenKind::kEqual)) {
    const uint32_t begin = Begin();
    Take();
    copy.options.push_back(FlagOption(begin, "HEADER"));
    for (Option& option : ParseOptions()) copy.options.push_back(std::move(option));
  }
  return copy;
}

std::string Grammar::ParseLocalFile() {
  if (At(TokenKind::kFileUrl)) return std::string(Text(Take()));
  return TakeString();
}

void Grammar::ParseTransferStage(FileTransfer& transfer) {
  if (At(TokenKind::kQuestion) || At(TokenKind::kColon)) {
    transfer.bound_stage = ParseVariable();
  } else {
    transfer.stage = ParseStage();
  }
}

StatementValue Grammar::ParsePut() {
  Expect("PUT");
  FileTransfer transfer;
  transfer.local = ParseLocalFile();
  ParseTransferStage(transfer);
  transfer.options = ParseOptions();
  return transfer;
}

StatementValue Grammar::ParseGet() {
  Expect("GET");
  FileTransfer transfer;
  transfer.upload = false;
  ParseTransferStage(transfer);
  transfer.local = ParseLocalFile();
  transfer.options = ParseOptions();
  return transfer;
}

StatementValue Grammar::ParseStageCommand() {
  StageCommand command;
  const std::string word = TakeUpperWord();
  command.action = word == "LIST" || word == "LS" ? StageAction::kList : StageAction::kRemove;
  command.stage = ParseStage();
  command.options = ParseOptions();
  return command;
}

}  // namespace tarn::sql::syntax
