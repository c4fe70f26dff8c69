// SPDX-License-Identifier: Apache-2.0
// NETWORK RULE and NETWORK POLICY.
#include <algorithm>

#include "warehouse/catalogue/names.h"
#include "warehouse/instances/network_access.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/statements/object_statements.h"
#include "warehouse/statements/option_reader.h"

namespace tarn::warehouse {
namespace {

namespace syntax = sql::syntax;

const std::vector<std::string_view> kTypes = {
    "IPV4",     "IPV6",      "AWSVPCEID",         "AZURELINKID",
    "GCPPSCID", "HOST_PORT", "PRIVATE_HOST_PORT", "COMPUTE_POOL"};
const std::vector<std::string_view> kModes = {"INGRESS", "INTERNAL_STAGE", "EGRESS",
                                              "POSTGRES_INGRESS", "POSTGRES_EGRESS"};

StatementResult<> CheckValues(const NetworkRule& rule) {
  if (rule.type != "IPV4" && rule.type != "IPV6") return {};
  for (const std::string& value : rule.values) {
    if (!IsAddressRange(value, rule.type == "IPV6")) {
      return InvalidParameterValue("VALUE_LIST", value);
    }
  }
  return {};
}

/// Ids of rules that are named in options, as strings mostly.
StatementResult<std::vector<ObjectId>> RulesNamed(const Snapshot& snapshot, const Caller& caller,
                                                  const std::vector<ObjectName>& names) {
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(snapshot, caller));
  std::vector<ObjectId> rules;
  for (const ObjectName& name : names) {
    STATEMENT_ASSIGN(const ObjectHead head,
                     Resolve(snapshot, caller, authority, ObjectKind::kNetworkRule, name,
                             "CREATE NETWORK POLICY"));
    rules.push_back(head.id);
  }
  return rules;
}

/// What is written of a policy; absent members stay as they are.
struct WrittenPolicy {
  std::optional<std::vector<ObjectName>> allowed_rules, blocked_rules;
  std::optional<std::vector<std::string>> allowed_ips, blocked_ips;

  StatementResult<> Read(OptionReader& options) {
    allowed_rules = options.Names("ALLOWED_NETWORK_RULE_LIST");
    blocked_rules = options.Names("BLOCKED_NETWORK_RULE_LIST");
    allowed_ips = options.Texts("ALLOWED_IP_LIST");
    blocked_ips = options.Texts("BLOCKED_IP_LIST");
    STATEMENT_TRY(options.Finish());
    for (const auto* list : {&allowed_ips, &blocked_ips}) {
      for (const std::string& value : list->value_or(std::vector<std::string>())) {
        if (!IsAddressRange(value, false)) return InvalidParameterValue("IP_LIST", value);
      }
    }
    return {};
  }
  StatementResult<> Apply(const Snapshot& snapshot, const Caller& caller,
                          NetworkPolicy& policy) const {
    if (allowed_rules) {
      STATEMENT_ASSIGN(policy.allowed_rules, RulesNamed(snapshot, caller, *allowed_rules));
    }
    if (blocked_rules) {
      STATEMENT_ASSIGN(policy.blocked_rules, RulesNamed(snapshot, caller, *blocked_rules));
    }
    if (allowed_ips) policy.allowed_ips = *allowed_ips;
    if (blocked_ips) policy.blocked_ips = *blocked_ips;
    return {};
  }
};

StatementResult<> UnsetOfPolicy(const std::string& key, NetworkPolicy& policy) {
  if (key == "ALLOWED_NETWORK_RULE_LIST") {
    policy.allowed_rules.clear();
  } else if (key == "BLOCKED_NETWORK_RULE_LIST") {
    policy.blocked_rules.clear();
  } else if (key == "ALLOWED_IP_LIST") {
    policy.allowed_ips.clear();
  } else if (key == "BLOCKED_IP_LIST") {
    policy.blocked_ips.clear();
  } else {
    return InvalidParameterName(key);
  }
  return {};
}

}  // namespace

Outcome CreateNetworkRule(StatementContext& context, const syntax::CreateObject& create) {
  STATEMENT_ASSIGN(CreateRequest request, HeadOf(context, create.head));
  OptionReader options(context, "NETWORK RULE", create.options);
  NetworkRule rule;
  request.comment = options.Text("COMMENT").value_or("");
  rule.type = options.Word("TYPE", kTypes).value_or("IPV4");
  rule.mode = options.Word("MODE", kModes).value_or("INGRESS");
  rule.values = options.Texts("VALUE_LIST").value_or(std::vector<std::string>());
  STATEMENT_TRY(options.Finish());
  STATEMENT_TRY(CheckValues(rule));
  request.definition = std::move(rule);
  return CreateAndTell(context, request);
}

Outcome AlterNetworkRule(StatementContext& context, const syntax::AlterObject& alter) {
  return AlterByActions<NetworkRule>(
      context, alter,
      [&](Alteration& alteration, NetworkRule& rule,
          const syntax::AlterAction& action) -> StatementResult<> {
        if (const auto* set = std::get_if<syntax::SetOptions>(&action)) {
          OptionReader options(context, "NETWORK RULE", set->options);
          alteration.comment = options.Text("COMMENT");
          if (auto values = options.Texts("VALUE_LIST")) rule.values = *std::move(values);
          STATEMENT_TRY(options.Finish());
          return CheckValues(rule);
        }
        const auto* unset = std::get_if<syntax::UnsetOptions>(&action);
        if (unset == nullptr || unset->keys != std::vector<std::string>{"VALUE_LIST"}) {
          return UnsupportedClause(alter);
        }
        rule.values.clear();
        return {};
      });
}

Outcome CreateNetworkPolicy(StatementContext& context, const syntax::CreateObject& create) {
  STATEMENT_ASSIGN(CreateRequest request, HeadOf(context, create.head));
  OptionReader options(context, "NETWORK POLICY", create.options);
  request.comment = options.Text("COMMENT").value_or("");
  WrittenPolicy written;
  STATEMENT_TRY(written.Read(options));
  NetworkPolicy policy;
  STATEMENT_ASSIGN(const ReadMoment moment, ReadObjects(context));
  STATEMENT_TRY(written.Apply(*moment.snapshot, moment.caller, policy));
  request.definition = std::move(policy);
  return CreateAndTell(context, request);
}

Outcome AlterNetworkPolicy(StatementContext& context, const syntax::AlterObject& alter) {
  return AlterByActions<NetworkPolicy>(
      context, alter,
      [&](Alteration& alteration, NetworkPolicy& policy,
          const syntax::AlterAction& action) -> StatementResult<> {
        if (const auto* set = std::get_if<syntax::SetOptions>(&action)) {
          OptionReader options(context, "NETWORK POLICY", set->options);
          alteration.comment = options.Text("COMMENT");
          WrittenPolicy written;
          STATEMENT_TRY(written.Read(options));
          return written.Apply(alteration.transaction, alteration.caller, policy);
        }
        const auto* unset = std::get_if<syntax::UnsetOptions>(&action);
        if (unset == nullptr) return UnsupportedClause(alter);
        for (const std::string& key : unset->keys) STATEMENT_TRY(UnsetOfPolicy(key, policy));
        return {};
      });
}

}  // namespace tarn::warehouse
