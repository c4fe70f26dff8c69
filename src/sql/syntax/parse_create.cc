// SPDX-License-Identifier: Apache-2.0
// CREATE: its head, objects that are options alone, streams, tasks; DROP, UNDROP, COMMENT.
#include "sql/syntax/grammar.h"

namespace tarn::sql::syntax {

StatementValue Grammar::ParseCreate() {
  Expect("CREATE");
  CreateHead head;
  if (Accept("OR")) {
    head.or_replace = Accept("REPLACE");
    head.or_alter = !head.or_replace;
    if (head.or_alter) Expect("ALTER");
  }
  ParseCreateModifiers(head);
  head.kind = ParseObjectKind();
  head.if_not_exists = AcceptAll({"IF", "NOT", "EXISTS"});
  head.name = ParseObjectName();
  head.name_span = head.name.span;
  if (!head.if_not_exists) head.if_not_exists = AcceptAll({"IF", "NOT", "EXISTS"});  // of functions
  return ParseCreated(std::move(head));
}

void Grammar::ParseCreateModifiers(CreateHead& head) {
  static constexpr std::string_view kModifiers[] = {
      "LOCAL", "GLOBAL", "TRANSIENT", "VOLATILE", "SECURE", "RECURSIVE", "AGGREGATE", "READ ONLY"};
  for (bool found = true; found;) {
    found = false;
    for (const std::string_view modifier : kModifiers) {
      if (AcceptPhrase(modifier)) {
        head.modifiers.emplace_back(modifier);
        found = true;
      }
    }
    if (Accept("TEMP") || Accept("TEMPORARY")) {
      head.modifiers.emplace_back("TEMPORARY");
      found = true;
    }
  }
}

StatementValue Grammar::ParseCreated(CreateHead head) {
  switch (head.kind) {
    case ObjectKind::kTable:
    case ObjectKind::kIcebergTable:
    case ObjectKind::kDynamicTable:
    case ObjectKind::kDynamicIcebergTable:
    case ObjectKind::kExternalTable:
    case ObjectKind::kEventTable:
    case ObjectKind::kHybridTable:
      return ParseCreateTable(std::move(head));
    case ObjectKind::kView:
    case ObjectKind::kMaterializedView:
      return ParseCreateView(std::move(head));
    case ObjectKind::kFunction:
    case ObjectKind::kProcedure:
    case ObjectKind::kExternalFunction: {
      CreateRoutine routine{.head = std::move(head)};
      ParseRoutineTail(routine);
      return routine;
    }
    case ObjectKind::kStream:
      return ParseCreateStream(std::move(head));
    case ObjectKind::kTask:
      return ParseCreateTask(std::move(head));
    case ObjectKind::kAlert:
    case ObjectKind::kPipe:
    case ObjectKind::kMaskingPolicy:
    case ObjectKind::kRowAccessPolicy:
    case ObjectKind::kService:
    case ObjectKind::kColumn:
    case ObjectKind::kSession:
      Refuse("CREATE " + std::string(ToString(head.kind)));
    default:
      return ParseCreateObject(std::move(head));
  }
}

StatementValue Grammar::ParseCreateObject(CreateHead head) {
  CreateObject object{.head = std::move(head), .copy_of = {}, .options = {}};
  while (ParseObjectClause(object)) {
  }
  return object;
}

bool Grammar::ParseObjectClause(CreateObject& object) {
  const uint32_t begin = Begin();
  const bool sequence = object.head.kind == ObjectKind::kSequence;
  if (AtAny({"CLONE", "FORK"}) && AtIdentifier(1)) {
    object.copy_of = ParseCopySource();
  } else if (AcceptAll({"FROM", "SHARE"})) {
    object.copy_of = CopySource{CopyKind::kShare, ParseObjectName(), {}};
  } else if (object.head.kind == ObjectKind::kApplication && AcceptAll({"FROM", "LISTING"})) {
    (void)Accept(TokenKind::kEqual);  // as it is printed
    OptionValue value = ParseOptionValue();
    object.options.push_back(ValueOption(begin, "FROM LISTING", std::move(value)));
  } else if (AcceptAll({"WITH", "MANAGED", "ACCESS"})) {
    object.options.push_back(FlagOption(begin, "WITH MANAGED ACCESS"));
  } else if (sequence && AtAny({"START", "INCREMENT", "WITH", "ORDER", "NOORDER"})) {
    ParseSequenceClause(object.options);
  } else if (At("ALLOWED_VALUES") && !IsKind(1, TokenKind::kEqual)) {
    Take();
    OptionList values = ParseStringList();
    OptionValue value = MakeOptionValue(begin, std::move(values));
    object.options.push_back(ValueOption(begin, "ALLOWED_VALUES", std::move(value)));
  } else if (At("WITH") && (IsKind(2, TokenKind::kEqual))) {
    Take();  // CREATE WAREHOUSE w WITH WAREHOUSE_SIZE = …
  } else if (At("COMMENT") && IsKind(1, TokenKind::kString)) {
    Take();
    OptionValue value = ParseOptionValue();
    object.options.push_back(ValueOption(begin, "COMMENT", std::move(value)));
  } else {
    return ParseTableOption(object.options);
  }
  return true;
}

OptionList Grammar::ParseStringList() {
  OptionList list;
  do {
    const uint32_t begin = Begin();
    if (!AtString()) FailHere();
    list.values.push_back(MakeOptionValue(begin, ParsePrimary()));
  } while (Accept(TokenKind::kComma));
  return list;
}

/// [WITH] START [WITH] [=] n, INCREMENT [BY] [=] n, ORDER, NOORDER.
void Grammar::ParseSequenceClause(std::vector<Option>& options) {
  const uint32_t begin = Begin();
  (void)Accept("WITH");
  if (!AtAny({"START", "INCREMENT", "ORDER", "NOORDER"})) FailHere();
  std::string key = TakeUpperWord();
  if (key == "ORDER" || key == "NOORDER") {
    options.push_back(FlagOption(begin, std::move(key)));
    return;
  }
  if (!Accept("WITH")) (void)Accept("BY");
  (void)Accept(TokenKind::kEqual);
  OptionValue value = ParseOptionValue();
  options.push_back(ValueOption(begin, std::move(key), std::move(value)));
}

StatementValue Grammar::ParseCreateStream(CreateHead head) {
  CreateStream stream{.head = std::move(head)};
  if (At("CLONE")) {
    CreateObject clone{.head = std::move(stream.head), .copy_of = ParseCopySource(), .options = {}};
    while (ParseTableOption(clone.options)) {
    }
    return clone;
  }
  while (!Accept("ON")) {
    if (!ParseTableOption(stream.options)) FailHere();
  }
  stream.source_kind = ParseObjectKind();
  stream.source = ParseObjectName();
  if (AtTimeTravel()) stream.time_travel = ParseTimeTravel();
  while (ParseTableOption(stream.options)) {
  }
  return stream;
}

StatementValue Grammar::ParseCreateTask(CreateHead head) {
  if (At("CLONE")) {
    CopySource source = ParseCopySource();
    return CreateObject{.head = std::move(head), .copy_of = std::move(source), .options = {}};
  }
  CreateTask task{.head = std::move(head),
                  .options = {},
                  .after = {},
                  .execute_as_user = {},
                  .when = {},
                  .body = Box<Statement>(Statement{{}, NullStatement{}}),
                  .body_span = {}};
  while (!Accept("AS")) {
    if (Accept("AFTER")) {
      do {
        task.after.push_back(ParseTaskName());
      } while (Accept(TokenKind::kComma));
    } else if (AcceptAll({"EXECUTE", "AS", "USER"})) {
      task.execute_as_user = ParseObjectName();
    } else if (Accept("WHEN")) {
      task.when = ParseExpression();
    } else if (!ParseTableOption(task.options)) {
      FailHere();
    }
  }
  const uint32_t begin = Begin();
  task.body = Box<Statement>(ParseStatement());
  task.body_span = Since(begin);
  return task;
}

/// A predecessor may be written as a string that holds its name.
ObjectName Grammar::ParseTaskName() {
  if (!AtString()) return ParseObjectName();
  const uint32_t begin = Begin();
  ObjectName name;
  name.parts.push_back({Peek().span, {}, true});
  name.parts[0].text = UpperCase(TakeString());
  name.span = Since(begin);
  return name;
}

// --- DROP, UNDROP, COMMENT
// ----------------------------------------------------------------------------------

StatementValue Grammar::ParseDrop() {
  Expect("DROP");
  DropObject drop;
  drop.kind = ParseObjectKind();
  drop.if_exists = AcceptAll({"IF", "EXISTS"});
  drop.name = ParseObjectName();
  if (At(TokenKind::kLeftParenthesis)) {
    drop.has_signature = true;
    drop.signature = ParseSignature();
  }
  if (AtAny({"CASCADE", "RESTRICT"})) drop.behaviour = TakeUpperWord();
  return drop;
}

StatementValue Grammar::ParseUndrop() {
  Expect("UNDROP");
  UndropObject undrop;
  undrop.kind = ParseObjectKind();
  undrop.name = ParseObjectName();
  return undrop;
}

StatementValue Grammar::ParseComment() {
  Expect("COMMENT");
  Comment comment;
  comment.if_exists = AcceptAll({"IF", "EXISTS"});
  Expect("ON");
  comment.kind = ParseObjectKind();
  comment.name = ParseObjectName();
  if (At(TokenKind::kLeftParenthesis)) {
    comment.has_signature = true;
    comment.signature = ParseSignature();
  }
  Expect("IS");
  comment.text = TakeString();
  return comment;
}

}  // namespace tarn::sql::syntax
