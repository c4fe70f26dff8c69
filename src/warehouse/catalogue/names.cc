// SPDX-License-Identifier: Apache-2.0
#include "warehouse/catalogue/names.h"

#include <vector>

#include "warehouse/objects/object_errors.h"

namespace tarn::warehouse {
namespace {

class Resolver {
 public:
  Resolver(const Snapshot& snapshot, const Caller& caller, const Authority& authority,
           std::string_view action, NameUse use)
      : snapshot_(snapshot), caller_(caller), authority_(authority), action_(action), use_(use) {}

  StatementResult<ObjectId> Database(const std::optional<std::string>& written) {
    const std::string& name = written ? *written : caller_.database;
    if (name.empty()) return NoCurrentDatabase(action_);
    STATEMENT_ASSIGN(const auto head, snapshot_.FindNamed(kAccountId, "database", name));
    return Known(head, ObjectKind::kDatabase, name);
  }

  StatementResult<ObjectId> Schema(const ObjectName& name) {
    const bool written = name.schema.has_value();
    // The current schema belongs to the current database: DB..T is not written here.
    if (!written && name.database) return NoCurrentSchema(action_);
    if (!written && caller_.database.empty()) return NoCurrentDatabase(action_);
    const std::string& schema = written ? *name.schema : caller_.schema;
    if (schema.empty()) return NoCurrentSchema(action_);
    STATEMENT_ASSIGN(const ObjectId database, Database(name.database));
    STATEMENT_ASSIGN(const auto head, snapshot_.FindNamed(database, "schema", schema));
    const std::string& owner = name.database ? *name.database : caller_.database;
    return Known(head, ObjectKind::kSchema, owner + "." + schema);
  }

  StatementResult<ObjectId> Container(ObjectKind kind, const ObjectName& name) {
    switch (FactsOf(kind).level) {
      case ContainerLevel::kDatabase:
        return Database(name.database);
      case ContainerLevel::kSchema:
        return Schema(name);
      case ContainerLevel::kAccount:
      case ContainerLevel::kNowhere:
        break;
    }
    return kAccountId;
  }

 private:
  StatementResult<ObjectId> Known(const std::optional<ObjectHead>& head, ObjectKind kind,
                                  std::string_view name) {
    if (!head) return DoesNotExist(kind, name);
    // Nobody's own: it is everybody's who may use its database.
    if (kind == ObjectKind::kSchema && head->name == kInformationSchema) return head->id;
    STATEMENT_ASSIGN(const bool known,
                     use_ == NameUse::kTell ? authority_.Sees(*head) : authority_.Enters(*head));
    if (!known) return DoesNotExist(kind, name);
    return head->id;
  }

  const Snapshot& snapshot_;
  const Caller& caller_;
  const Authority& authority_;
  std::string_view action_;
  NameUse use_;
};

}  // namespace

std::string ObjectName::Written() const {
  std::string text;
  if (database) text += *database + ".";
  if (schema) text += *schema + ".";
  return text + name + signature;
}

StatementResult<ObjectId> ResolveContainer(const Snapshot& snapshot, const Caller& caller,
                                           const Authority& authority, ObjectKind kind,
                                           const ObjectName& name, std::string_view action,
                                           NameUse use) {
  return Resolver(snapshot, caller, authority, action, use).Container(kind, name);
}

StatementResult<ObjectHead> Resolve(const Snapshot& snapshot, const Caller& caller,
                                    const Authority& authority, ObjectKind kind,
                                    const ObjectName& name, std::string_view action, NameUse use) {
  STATEMENT_ASSIGN(const ObjectId container,
                   ResolveContainer(snapshot, caller, authority, kind, name, action, use));
  STATEMENT_ASSIGN(auto head, snapshot.FindNamed(container, FamilyOf(kind), name.name,
                                                 name.signature, caller.session));
  if (!head) return DoesNotExist(kind, name.Written());
  STATEMENT_ASSIGN(const bool sees, authority.Sees(*head));
  if (!sees) return DoesNotExist(kind, name.Written());
  if (head->kind != kind) {
    return CompilationError("002203", "42809",
                            fmt::format("Object found is of type '{}', not specified type '{}'.",
                                        FactsOf(head->kind).sql, FactsOf(kind).sql));
  }
  return *std::move(head);
}

StatementResult<ObjectId> ResolveContainer(const Snapshot& snapshot, const Caller& caller,
                                           const Authority& authority, ObjectKind kind,
                                           const ObjectName& name, std::string_view action) {
  return ResolveContainer(snapshot, caller, authority, kind, name, action, NameUse::kUse);
}

StatementResult<ObjectHead> Resolve(const Snapshot& snapshot, const Caller& caller,
                                    const Authority& authority, ObjectKind kind,
                                    const ObjectName& name, std::string_view action) {
  return Resolve(snapshot, caller, authority, kind, name, action, NameUse::kUse);
}

StatementResult<ObjectHead> ResolveRelation(const Snapshot& snapshot, const Caller& caller,
                                            const Authority& authority, const ObjectName& name,
                                            std::string_view action) {
  STATEMENT_ASSIGN(const ObjectId container,
                   ResolveContainer(snapshot, caller, authority, ObjectKind::kTable, name, action));
  STATEMENT_ASSIGN(auto head, snapshot.FindNamed(container, FamilyOf(ObjectKind::kTable), name.name,
                                                 "", caller.session));
  if (!head) return NoSuchObject(name.Written());
  STATEMENT_ASSIGN(const bool sees, authority.Sees(*head));
  if (!sees) return NoSuchObject(name.Written());
  return *std::move(head);
}

StatementResult<ObjectHead> ResolveDatabase(const Snapshot& snapshot, const Caller& caller,
                                            const Authority& authority, const std::string& name,
                                            std::string_view action, NameUse use) {
  STATEMENT_ASSIGN(const ObjectId id,
                   Resolver(snapshot, caller, authority, action, use).Database(name));
  STATEMENT_ASSIGN(auto head, snapshot.FindHead(id));
  if (!head) return DoesNotExist(ObjectKind::kDatabase, name);
  return *std::move(head);
}

Result<ObjectName> ParseObjectName(std::string_view text) {
  std::vector<std::string> parts(1);
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      const bool doubled = quoted && i + 1 < text.size() && text[i + 1] == '"';
      if (doubled) {
        parts.back() += '"';
        ++i;
        continue;
      }
      quoted = !quoted;
    } else if (c == '.' && !quoted) {
      parts.emplace_back();
    } else {
      const bool fold = !quoted && c >= 'a' && c <= 'z';
      parts.back() += fold ? static_cast<char>(c - 'a' + 'A') : c;
    }
  }
  for (const std::string& part : parts) {
    if (part.empty() || quoted || parts.size() > 3) {
      return Fail(ErrorKind::kInvalidArgument, "\"{}\" is not an object's name", text);
    }
  }
  ObjectName name{.name = parts.back()};
  if (parts.size() >= 2) name.schema = parts[parts.size() - 2];
  if (parts.size() == 3) name.database = parts.front();
  return name;
}

}  // namespace tarn::warehouse
