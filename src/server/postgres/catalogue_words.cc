// SPDX-License-Identifier: Apache-2.0
#include "server/postgres/catalogue_words.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "server/postgres/tokens.h"

namespace tarn::server::postgres {
namespace {

constexpr size_t kTokensMax = 100'000;

/// Of PostgreSQL 17's pg_catalog, in order.
constexpr auto kRelations = std::to_array<std::string_view>({
    "pg_aggregate",
    "pg_am",
    "pg_amop",
    "pg_amproc",
    "pg_attrdef",
    "pg_attribute",
    "pg_auth_members",
    "pg_authid",
    "pg_available_extension_versions",
    "pg_available_extensions",
    "pg_backend_memory_contexts",
    "pg_cast",
    "pg_class",
    "pg_collation",
    "pg_config",
    "pg_constraint",
    "pg_conversion",
    "pg_cursors",
    "pg_database",
    "pg_db_role_setting",
    "pg_default_acl",
    "pg_depend",
    "pg_description",
    "pg_enum",
    "pg_event_trigger",
    "pg_extension",
    "pg_file_settings",
    "pg_foreign_data_wrapper",
    "pg_foreign_server",
    "pg_foreign_table",
    "pg_group",
    "pg_hba_file_rules",
    "pg_ident_file_mappings",
    "pg_index",
    "pg_indexes",
    "pg_inherits",
    "pg_init_privs",
    "pg_language",
    "pg_largeobject",
    "pg_largeobject_metadata",
    "pg_locks",
    "pg_matviews",
    "pg_namespace",
    "pg_opclass",
    "pg_operator",
    "pg_opfamily",
    "pg_parameter_acl",
    "pg_partitioned_table",
    "pg_policies",
    "pg_policy",
    "pg_prepared_statements",
    "pg_prepared_xacts",
    "pg_proc",
    "pg_publication",
    "pg_publication_namespace",
    "pg_publication_rel",
    "pg_publication_tables",
    "pg_range",
    "pg_replication_origin",
    "pg_replication_origin_status",
    "pg_replication_slots",
    "pg_rewrite",
    "pg_roles",
    "pg_rules",
    "pg_seclabel",
    "pg_seclabels",
    "pg_sequence",
    "pg_sequences",
    "pg_settings",
    "pg_shadow",
    "pg_shdepend",
    "pg_shdescription",
    "pg_shmem_allocations",
    "pg_shseclabel",
    "pg_stat_activity",
    "pg_stat_all_indexes",
    "pg_stat_all_tables",
    "pg_stat_archiver",
    "pg_stat_bgwriter",
    "pg_stat_checkpointer",
    "pg_stat_database",
    "pg_stat_database_conflicts",
    "pg_stat_gssapi",
    "pg_stat_io",
    "pg_stat_progress_analyze",
    "pg_stat_progress_basebackup",
    "pg_stat_progress_cluster",
    "pg_stat_progress_copy",
    "pg_stat_progress_create_index",
    "pg_stat_progress_vacuum",
    "pg_stat_recovery_prefetch",
    "pg_stat_replication",
    "pg_stat_replication_slots",
    "pg_stat_slru",
    "pg_stat_ssl",
    "pg_stat_subscription",
    "pg_stat_subscription_stats",
    "pg_stat_sys_indexes",
    "pg_stat_sys_tables",
    "pg_stat_user_functions",
    "pg_stat_user_indexes",
    "pg_stat_user_tables",
    "pg_stat_wal",
    "pg_stat_wal_receiver",
    "pg_stat_xact_all_tables",
    "pg_stat_xact_sys_tables",
    "pg_stat_xact_user_functions",
    "pg_stat_xact_user_tables",
    "pg_statio_all_indexes",
    "pg_statio_all_sequences",
    "pg_statio_all_tables",
    "pg_statio_sys_indexes",
    "pg_statio_sys_sequences",
    "pg_statio_sys_tables",
    "pg_statio_user_indexes",
    "pg_statio_user_sequences",
    "pg_statio_user_tables",
    "pg_statistic",
    "pg_statistic_ext",
    "pg_statistic_ext_data",
    "pg_stats",
    "pg_stats_ext",
    "pg_stats_ext_exprs",
    "pg_subscription",
    "pg_subscription_rel",
    "pg_tables",
    "pg_tablespace",
    "pg_timezone_abbrevs",
    "pg_timezone_names",
    "pg_transform",
    "pg_trigger",
    "pg_ts_config",
    "pg_ts_config_map",
    "pg_ts_dict",
    "pg_ts_parser",
    "pg_ts_template",
    "pg_type",
    "pg_user",
    "pg_user_mapping",
    "pg_user_mappings",
    "pg_views",
    "pg_wait_events",
});

/// Functions that Snowflake has not, in order; those of which pg_ is the beginning need no list.
constexpr auto kFunctions = std::to_array<std::string_view>({
    "array_positions",
    "col_description",
    "current_schemas",
    "current_setting",
    "format_type",
    "has_any_column_privilege",
    "has_column_privilege",
    "has_database_privilege",
    "has_foreign_data_wrapper_privilege",
    "has_function_privilege",
    "has_language_privilege",
    "has_schema_privilege",
    "has_sequence_privilege",
    "has_server_privilege",
    "has_table_privilege",
    "has_tablespace_privilege",
    "has_type_privilege",
    "inet_client_addr",
    "inet_server_addr",
    "inet_server_port",
    "obj_description",
    "quote_ident",
    "row_security_active",
    "set_config",
    "shobj_description",
    "to_regclass",
    "to_regnamespace",
    "to_regoper",
    "to_regproc",
    "to_regprocedure",
    "to_regrole",
    "to_regtype",
    "txid_current",
});

constexpr auto kTypes = std::to_array<std::string_view>({
    "regclass",
    "regcollation",
    "regconfig",
    "regdictionary",
    "regnamespace",
    "regoper",
    "regoperator",
    "regproc",
    "regprocedure",
    "regrole",
    "regtype",
});

/// Of information_schema, what the session has no answer to: in order. TABLES, VIEWS, COLUMNS and
/// SCHEMATA are Snowflake's.
constexpr auto kOwnViews = std::to_array<std::string_view>({
    "administrable_role_authorizations",
    "applicable_roles",
    "attributes",
    "character_sets",
    "check_constraint_routine_usage",
    "check_constraints",
    "collation_character_set_applicability",
    "collations",
    "column_column_usage",
    "column_domain_usage",
    "column_options",
    "column_privileges",
    "column_udt_usage",
    "constraint_column_usage",
    "constraint_table_usage",
    "data_type_privileges",
    "domain_constraints",
    "domain_udt_usage",
    "domains",
    "element_types",
    "enabled_roles",
    "foreign_data_wrapper_options",
    "foreign_data_wrappers",
    "foreign_server_options",
    "foreign_servers",
    "foreign_table_options",
    "foreign_tables",
    "information_schema_catalog_name",
    "key_column_usage",
    "parameters",
    "referential_constraints",
    "role_column_grants",
    "role_routine_grants",
    "role_table_grants",
    "role_udt_grants",
    "role_usage_grants",
    "routine_column_usage",
    "routine_privileges",
    "routine_routine_usage",
    "routine_sequence_usage",
    "routine_table_usage",
    "routines",
    "sql_features",
    "sql_implementation_info",
    "sql_parts",
    "sql_sizing",
    "table_constraints",
    "table_privileges",
    "transforms",
    "triggered_update_columns",
    "triggers",
    "udt_privileges",
    "user_defined_types",
    "user_mapping_options",
    "user_mappings",
    "view_column_usage",
    "view_routine_usage",
    "view_table_usage",
});

/// Of COLUMNS, what Snowflake's has only by name.
constexpr auto kOwnColumns =
    std::to_array<std::string_view>({"udt_catalog", "udt_name", "udt_schema"});

template <size_t N>
bool IsIn(const std::array<std::string_view, N>& sorted, std::string_view word) {
  return std::ranges::binary_search(sorted, word);
}

bool EqualsFolded(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() &&
         std::ranges::equal(text, lower, [](char a, char b) { return (a | 0x20) == (b | 0x20); });
}

/// A look at the characters around each underscore, and for types at each "reg": every query comes
/// by here, and few go on.
bool MayAsk(std::string_view text) {
  for (size_t at = text.find('_'); at != std::string_view::npos; at = text.find('_', at + 1)) {
    if (at >= 2 && EqualsFolded(text.substr(at - 2, 2), "pg")) return true;
    for (const std::string_view before :
         {"information", "privilege", "description", "current", "set", "has", "to", "quote", "txid",
          "format", "inet", "row", "obj", "col", "shobj", "column", "array"}) {
      if (at >= before.size() &&
          EqualsFolded(text.substr(at - before.size(), before.size()), before))
        return true;
    }
  }
  for (size_t at = text.find_first_of("rR"); at != std::string_view::npos;
       at = text.find_first_of("rR", at + 1)) {
    if (EqualsFolded(text.substr(at, 3), "reg")) return true;
  }
  return false;
}

class Reading {
 public:
  explicit Reading(const std::vector<Token>& tokens) : tokens_(tokens) {}

  bool Asks() const {
    for (size_t i = 0; i < tokens_.size(); ++i) {
      if (tokens_[i].is_name() && NamesCatalogue(i)) return true;
    }
    return false;
  }

 private:
  bool IsSymbol(size_t at, std::string_view symbol) const {
    return at < tokens_.size() && tokens_[at].kind == Token::Kind::kSymbol &&
           tokens_[at].text == symbol;
  }
  bool IsWord(size_t at, std::string_view word) const {
    return at < tokens_.size() && tokens_[at].kind == Token::Kind::kWord &&
           tokens_[at].text == word;
  }

  bool NamesCatalogue(size_t at) const {
    const std::string& name = tokens_[at].text;
    if (name == "pg_catalog") return IsSymbol(at + 1, ".");
    // A part of another name.
    if (at > 0 && IsSymbol(at - 1, ".")) return false;
    if (name == "information_schema") return NamesOwnView(at);
    const bool called = IsSymbol(at + 1, "(");
    if (called && (name.starts_with("pg_") || IsIn(kFunctions, name))) return true;
    if (IsIn(kRelations, name)) return IsRelation(at);
    return IsIn(kTypes, name) && IsType(at);
  }

  bool IsRelation(size_t at) const {
    if (at == 0) return false;
    return IsWord(at - 1, "from") || IsWord(at - 1, "join") || IsWord(at - 1, "only") ||
           IsWord(at - 1, "table") || IsSymbol(at - 1, ",") || IsSymbol(at - 1, "(");
  }

  bool IsType(size_t at) const {
    const bool literal = at + 1 < tokens_.size() && tokens_[at + 1].kind == Token::Kind::kString;
    return literal || (at > 0 && (IsSymbol(at - 1, ":") || IsWord(at - 1, "as")));
  }

  bool NamesOwnView(size_t at) const {
    if (!IsSymbol(at + 1, ".") || at + 2 >= tokens_.size()) return false;
    // In quotes and lower case it is PostgreSQL's alone.
    if (tokens_[at].kind == Token::Kind::kQuotedName) return true;
    const Token& view = tokens_[at + 2];
    if (view.kind == Token::Kind::kWord && IsIn(kOwnViews, view.text)) return true;
    return std::ranges::any_of(tokens_, [](const Token& token) {
      return token.is_name() && IsIn(kOwnColumns, token.text);
    });
  }

  const std::vector<Token>& tokens_;
};

std::vector<warehouse::StatementText> SplitAtSemicolons(std::string_view text) {
  std::vector<warehouse::StatementText> parts;
  size_t begin = 0, end = 0;  // of the statement so far; equal: nothing yet
  const auto finish = [&] {
    if (end > begin) {
      parts.push_back({.text = std::string(text.substr(begin, end - begin)),
                       .offset = static_cast<int64_t>(begin)});
    }
    begin = end = 0;
  };
  for (const Token& token : Tokenize(text, kTokensMax)) {
    if (token.kind == Token::Kind::kSymbol && token.text == ";") {
      finish();
      continue;
    }
    if (end == begin) begin = token.begin;
    end = token.end;
  }
  // Also what could not be told apart, such as an open quote: PostgreSQL will say so.
  if (end > begin) end = text.size();
  finish();
  return parts;
}

}  // namespace

warehouse::StatementResult<std::vector<warehouse::StatementText>> SplitStatements(
    warehouse::Session& session, std::string_view text, const warehouse::Dialect& dialect) {
  auto split = session.Split(text, dialect);
  if (split || !MayAsk(text)) return split;
  auto parts = SplitAtSemicolons(text);
  const bool asks = std::ranges::any_of(
      parts, [](const warehouse::StatementText& part) { return AsksCatalogues(part.text); });
  if (asks) return parts;
  return split;
}

bool AsksCatalogues(std::string_view statement) {
  if (!MayAsk(statement)) return false;
  const std::vector<Token> first = Tokenize(statement, 8);
  const auto verb = std::ranges::find_if(first, [](const Token& token) {
    return token.kind != Token::Kind::kSymbol || token.text != "(";
  });
  if (verb == first.end() || verb->kind != Token::Kind::kWord) return false;
  const std::string& word = verb->text;
  if (word != "select" && word != "with" && word != "values" && word != "table") return false;
  return Reading(Tokenize(statement, kTokensMax)).Asks();
}

}  // namespace tarn::server::postgres
