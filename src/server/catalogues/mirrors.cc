// SPDX-License-Identifier: Apache-2.0
#include "server/catalogues/mirrors.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "server/catalogues/catalogue_sql.h"
#include "server/catalogues/short_names.h"
#include "server/postgres/message_reader.h"
#include "warehouse/statement_error.h"

namespace tarn::server::catalogues {
namespace {

using postgres::CatalogueAddress;
using postgres::CatalogueConnection;
using postgres::CatalogueQuery;
using warehouse::Authority;
using warehouse::Caller;
using warehouse::ObjectHead;
using warehouse::ObjectId;
using warehouse::ObjectKind;
using warehouse::StatementResult;

constexpr const char* kShownPostgres = "15.0";
constexpr const char* kShownNumber = "150000";
/// Each takes some 8 MB of disk.
constexpr size_t kMirrorsMax = 40;
constexpr size_t kBatchBytes = size_t{4} << 20;
/// Rows that are gone are looked at by every query until then.
constexpr int64_t kVacuumAfter = 2000;
constexpr int32_t kOwnConnections = 20;

std::string QuotedName(const std::string& name) {
  std::string quoted = "\"";
  for (const char c : name) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

std::string ShownVersion(const std::string& version) {
  return fmt::format("{} (Tarn {})", kShownPostgres, version);
}

StatementResult<> Run(CatalogueConnection& connection, std::string text) {
  return connection.Run({.text = std::move(text)});
}

StatementResult<> Call(CatalogueConnection& connection, std::string_view function,
                       std::string argument) {
  return connection.Run(
      {.text = fmt::format("SELECT pg_catalog.{}($1)", function), .values = {std::move(argument)}});
}

/// Elements of JSON arrays, sent before they are too many.
class Sender {
 public:
  Sender(CatalogueConnection& connection, std::string_view function)
      : connection_(connection), function_(function) {}

  StatementResult<> Add(const std::string& element) {
    elements_ += (elements_.empty() ? "[" : ",") + element;
    return elements_.size() < kBatchBytes ? StatementResult<>() : Flush();
  }
  StatementResult<> Flush() {
    if (elements_.empty()) return {};
    return Call(connection_, function_, std::exchange(elements_, {}) + "]");
  }

 private:
  CatalogueConnection& connection_;
  const std::string_view function_;
  std::string elements_;
};

std::string_view FillingFunctionOf(MirroredObject::Kind kind) {
  switch (kind) {
    case MirroredObject::Kind::kSchema:
      return "tarn_add_schemas";
    case MirroredObject::Kind::kRelation:
      return "tarn_add_relations";
    case MirroredObject::Kind::kRoutine:
      break;
  }
  return "tarn_add_routines";
}

}  // namespace

/// Who asks about which database, at one moment, and where the answer lies.
struct Mirrors::Place {
  const warehouse::Snapshot* snapshot = nullptr;
  Caller caller;
  const Authority* authority = nullptr;
  std::optional<ObjectHead> database;
  std::string socket;

  /// What is shown depends on this and nothing else.
  std::string Key() const {
    std::string key = std::to_string(database ? database->id.value() : 0);
    for (const ObjectId role : authority->roles()) key += fmt::format(",{}", role.value());
    return key;
  }
};

std::string Mirrors::Mirror::database() const { return fmt::format("m{}", number); }

Mirrors::Mirrors(warehouse::Metastore& metastore, Options options)
    : metastore_(metastore),
      shown_version_(ShownVersion(options.version)),
      server_({.runtime = std::move(options.runtime),
               .folder = std::move(options.folder),
               .contents = fmt::format("{}{}{}{}", ReplacedFunctions(), ReplacedRelations(),
                                       FillingFunctions(), Rights()),
               .shown_version = shown_version_,
               .first_oid = kFirstOwnOid,
               .connections_max = options.connections_max + kOwnConnections}) {}

Mirrors::~Mirrors() = default;

StatementResult<CatalogueAddress> Mirrors::Ready(const warehouse::Session& session,
                                                 bool /*again*/) {
  auto found = Find(session);
  if (found || found.error().error.kind == ErrorKind::kPermissionDenied) return found;
  // Whatever has happened to the server's files, all of it can be made anew.
  if (found.error().error.kind != ErrorKind::kUnavailable) {
    spdlog::warn("making PostgreSQL's catalogues anew: {} {}", found.error().error.message,
                 found.error().error.detail);
    server_.Discard();
  }
  found = Find(session);
  // What its files and programs say is none of a client's business.
  if (!found && found.error().sqlstate.empty() &&
      found.error().error.kind == ErrorKind::kInternal) {
    spdlog::error("{} {}", found.error().error.message, found.error().error.detail);
    found.error().error = {
        ErrorKind::kInternal, "PostgreSQL's catalogues are not available", {}, {}};
  }
  return found;
}

StatementResult<CatalogueAddress> Mirrors::Find(const warehouse::Session& session) {
  STATEMENT_ASSIGN(const auto snapshot, metastore_.Read());
  Place place{.snapshot = snapshot.get()};
  STATEMENT_ASSIGN(place.caller, session.CallerAt(*snapshot));
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(*snapshot, place.caller));
  place.authority = &authority;
  if (!place.caller.database.empty()) {
    STATEMENT_ASSIGN(place.database,
                     snapshot->FindNamed(warehouse::kAccountId, FamilyOf(ObjectKind::kDatabase),
                                         place.caller.database));
  }
  if (place.database) {
    STATEMENT_ASSIGN(const bool seen, authority.Sees(*place.database));
    if (!seen) place.database.reset();
  }
  STATEMENT_ASSIGN(const auto running, server_.Ensure());
  place.socket =
      (running.socket_directory / fmt::format(".s.PGSQL.{}", provision::PrivateServer::kPort))
          .string();
  {
    const std::lock_guard lock(mutex_);
    if (running.generation != generation_) {
      generation_ = running.generation;
      mirrors_.clear();
      dropped_.clear();
      is_swept_ = true;
      const std::lock_guard principals_lock(principals_mutex_);
      principals_version_ = -1;
      principals_ = {};
    }
  }
  while (true) {
    const std::shared_ptr<Mirror> mirror = MirrorOf(place);
    const std::lock_guard lock(mirror->mutex);
    if (!mirror->is_dropped) return AddressOf(*mirror, place);
  }
}

StatementResult<CatalogueAddress> Mirrors::AddressOf(Mirror& mirror, const Place& place) {
  STATEMENT_ASSIGN(const std::string user, Refresh(mirror, place));
  CatalogueAddress address{.socket = place.socket, .user = user, .database = mirror.database()};
  std::string schema, database;
  if (place.database) {
    database = ShortName(place.database->name, place.database->id.value());
    STATEMENT_ASSIGN(const auto head,
                     place.snapshot->FindNamed(place.database->id, FamilyOf(ObjectKind::kSchema),
                                               place.caller.schema));
    const auto& schemas = mirror.content.schemas;
    const auto shown = head ? schemas.find(head->id) : schemas.end();
    if (shown != schemas.end()) schema = QuotedName(shown->second);
  }
  address.parameters = {{"search_path", schema},
                        {"tarn.database", database},
                        {"tarn.server_version", shown_version_},
                        {"tarn.server_version_num", kShownNumber},
                        {"default_transaction_read_only", "on"}};
  return address;
}

std::shared_ptr<Mirrors::Mirror> Mirrors::MirrorOf(const Place& place) {
  const std::lock_guard lock(mutex_);
  std::shared_ptr<Mirror>& mirror = mirrors_[place.Key()];
  if (mirror == nullptr) {
    mirror = std::make_shared<Mirror>();
    mirror->number = ++last_number_;
  }
  mirror->last_use = ++uses_;
  return mirror;
}

CatalogueAddress Mirrors::OwnerAddress(const Place& place, const std::string& database) const {
  return {.socket = place.socket,
          .user = provision::PrivateServer::kOwner,
          .database = database,
          .parameters = {{"allow_system_table_mods", "on"},
                         {"search_path", "pg_catalog"},
                         {"statement_timeout", "0"},
                         {"tarn.database", ""},
                         {"tarn.server_version", shown_version_}}};
}

StatementResult<> Mirrors::Make(Mirror& mirror, const Place& place) {
  STATEMENT_ASSIGN(const auto connection,
                   CatalogueConnection::Open(OwnerAddress(place, "postgres"), nullptr));
  STATEMENT_TRY(DropOthers(*connection));
  const std::string name = mirror.database();
  STATEMENT_TRY(Run(*connection, fmt::format("CREATE DATABASE {} TEMPLATE template1", name)));
  STATEMENT_TRY(Run(*connection, fmt::format("REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC", name)));
  mirror.is_made = true;
  mirror.version = -1;
  mirror.content = {};
  return {};
}

void Mirrors::ForgetIdle() {
  std::vector<std::pair<int64_t, std::shared_ptr<Mirror>>> by_use;
  for (const auto& [key, mirror] : mirrors_) by_use.emplace_back(mirror->last_use, mirror);
  std::ranges::sort(by_use);
  for (const auto& [last_use, mirror] : by_use) {
    if (mirrors_.size() <= kMirrorsMax) return;
    // One that somebody has at hand is of use, whatever its number.
    const std::unique_lock lock(mirror->mutex, std::try_to_lock);
    if (!lock.owns_lock()) continue;
    mirror->is_dropped = true;
    if (mirror->is_made) dropped_.push_back(mirror->database());
    std::erase_if(mirrors_, [&](const auto& entry) { return entry.second == mirror; });
  }
}

StatementResult<> Mirrors::DropOthers(CatalogueConnection& connection) {
  std::vector<std::string> names;
  bool sweep = false;
  {
    const std::lock_guard lock(mutex_);
    ForgetIdle();
    names.swap(dropped_);
    sweep = !std::exchange(is_swept_, true);
  }
  if (sweep) {
    STATEMENT_TRY(
        connection.Start({.text = "SELECT datname FROM pg_database WHERE datname ~ '^m[0-9]+$'"}));
    while (true) {
      STATEMENT_ASSIGN(const auto row, connection.Next(true));
      if (!row) break;
      postgres::MessageReader reader(*row);
      (void)reader.UInt16();
      if (const auto name = reader.Value()) names.emplace_back(*name);
    }
  }
  for (const std::string& name : names) {
    STATEMENT_TRY(Run(connection, fmt::format("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)));
  }
  return {};
}

StatementResult<std::string> Mirrors::Refresh(Mirror& mirror, const Place& place) {
  if (!mirror.is_made) STATEMENT_TRY(Make(mirror, place));
  const int64_t version = place.snapshot->version();
  STATEMENT_ASSIGN(const Principals principals, RefreshPrincipals(mirror, place));
  const auto user = principals.names.find(place.caller.user);
  if (user == principals.names.end()) {
    return std::unexpected(warehouse::AsStatementError(
        Error{ErrorKind::kPermissionDenied, "the session's user is gone", {}, {}}));
  }
  if (mirror.version >= version) return user->second;
  STATEMENT_ASSIGN(auto content, ReadContent(*place.snapshot, place.caller, *place.authority,
                                             principals, place.database));
  STATEMENT_TRY(Fill(mirror, place, std::move(content)));
  mirror.version = version;
  return user->second;
}

StatementResult<Principals> Mirrors::RefreshPrincipals(const Mirror& mirror, const Place& place) {
  const std::lock_guard lock(principals_mutex_);
  if (principals_version_ >= place.snapshot->version()) return principals_;
  STATEMENT_ASSIGN(auto principals, ReadPrincipals(*place.snapshot, place.caller));
  if (principals.json != principals_.json) {
    STATEMENT_ASSIGN(const auto connection,
                     CatalogueConnection::Open(OwnerAddress(place, mirror.database()), nullptr));
    STATEMENT_TRY(Call(*connection, "tarn_set_principals", principals.json));
  }
  principals_ = std::move(principals);
  principals_version_ = place.snapshot->version();
  return principals_;
}

StatementResult<> Mirrors::Fill(Mirror& mirror, const Place& place, MirrorContent content) {
  const auto& had = mirror.content.objects;
  std::vector<std::string> gone;
  for (const auto& [id, object] : had) {
    const auto found = content.objects.find(id);
    if (found == content.objects.end() || found->second != object) {
      gone.push_back(std::to_string(id.value()));
    }
  }
  std::vector<const MirroredObject*> added;
  for (const auto& [id, object] : content.objects) {
    const auto found = had.find(id);
    if (found == had.end() || found->second != object) added.push_back(&object);
  }
  const bool databases = content.databases != mirror.content.databases;
  if (!databases && gone.empty() && added.empty()) {
    mirror.content = std::move(content);
    return {};
  }
  STATEMENT_ASSIGN(const auto connection,
                   CatalogueConnection::Open(OwnerAddress(place, mirror.database()), nullptr));
  STATEMENT_TRY(Run(*connection, "BEGIN"));
  Sender remover(*connection, "tarn_remove");
  for (const std::string& id : gone) STATEMENT_TRY(remover.Add(id));
  STATEMENT_TRY(remover.Flush());
  if (databases) STATEMENT_TRY(Call(*connection, "tarn_set_databases", content.databases));
  using Kind = MirroredObject::Kind;
  for (const Kind kind : {Kind::kSchema, Kind::kRelation, Kind::kRoutine}) {
    Sender adder(*connection, FillingFunctionOf(kind));
    for (const MirroredObject* const object : added) {
      if (object->kind == kind) STATEMENT_TRY(adder.Add(object->json));
    }
    STATEMENT_TRY(adder.Flush());
  }
  STATEMENT_TRY(Run(*connection, "COMMIT"));
  mirror.content = std::move(content);
  mirror.changed += static_cast<int64_t>(gone.size() + added.size());
  if (mirror.changed < kVacuumAfter) return {};
  mirror.changed = 0;
  return Run(*connection,
             "VACUUM (ANALYZE) pg_class, pg_attribute, pg_attrdef, pg_description, pg_proc, "
             "pg_constraint, pg_index, pg_namespace");
}

}  // namespace tarn::server::catalogues
