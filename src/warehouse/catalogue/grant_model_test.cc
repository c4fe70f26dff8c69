// SPDX-License-Identifier: Apache-2.0
// Random GRANT, REVOKE, GRANT OWNERSHIP and hierarchies of roles, against a naive reading of
// Snowflake's rules: who may do the next statement, and what everybody may do after it.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "warehouse/catalogue/authority.h"
#include "warehouse/catalogue/ownership.h"
#include "warehouse/testing/metastore_fixture.h"

namespace tarn::warehouse {
namespace {

using RoleName = std::string;
using ObjectKey = std::string;

const std::vector<RoleName> kRoles = {"R0", "R1", "R2", "R3", "R4", "ACCOUNTADMIN"};

struct Thing {
  ObjectKind kind;
  ObjectName name;
  std::vector<ObjectKey> containers;
  std::vector<std::string> privileges;
};

/// What there is to grant: objects of the account, and in a schema that is one to be granted
/// itself.
const std::map<ObjectKey, Thing> kThings = {
    {"W", {ObjectKind::kWarehouse, {.name = "W"}, {}, {"USAGE", "OPERATE", "MODIFY"}}},
    {"D", {ObjectKind::kDatabase, {.name = "D"}, {}, {"USAGE", "MONITOR"}}},
    {"S", {ObjectKind::kSchema, {.database = "D", .name = "S"}, {"D"}, {"USAGE", "MODIFY"}}},
    {"Q0",
     {ObjectKind::kSequence,
      {.database = "D", .schema = "S", .name = "Q0"},
      {"D", "S"},
      {"USAGE"}}},
    {"Q1",
     {ObjectKind::kSequence,
      {.database = "D", .schema = "S", .name = "Q1"},
      {"D", "S"},
      {"USAGE"}}}};

struct Model {
  struct GrantState {
    bool option = false;
    RoleName grantor;
  };
  std::map<ObjectKey, RoleName> owners;
  std::map<std::tuple<ObjectKey, std::string, RoleName>, GrantState> grants;
  std::set<std::pair<RoleName, RoleName>> has;  ///< (who, which role)
  std::set<RoleName> managers;                  ///< by a grant of their own
  std::map<RoleName, RoleName> role_owners;

  /// `role` itself and whatever it was granted, however far down.
  std::set<RoleName> Closure(const RoleName& role) const {
    std::set<RoleName> all = {role};
    for (size_t before = 0; before != all.size();) {
      before = all.size();
      for (const auto& [who, which] : has) {
        if (all.contains(who)) all.insert(which);
      }
    }
    return all;
  }
  bool Manages(const RoleName& role) const {
    for (const RoleName& each : Closure(role)) {
      if (managers.contains(each) || each == "ACCOUNTADMIN") return true;
    }
    return false;
  }
  bool Owns(const RoleName& role, const ObjectKey& object) const {
    return Closure(role).contains(owners.at(object));
  }
  bool Has(const RoleName& role, const ObjectKey& object, const std::string& privilege) const {
    if (Owns(role, object)) return true;
    for (const RoleName& each : Closure(role)) {
      if (grants.contains({object, privilege, each})) return true;
      // Of the administrator's privileges on the account one is on every warehouse.
      if (each == "ACCOUNTADMIN" && object == "W" && privilege != "USAGE") return true;
    }
    return false;
  }
  bool HasAny(const RoleName& role, const ObjectKey& object) const {
    if (Owns(role, object)) return true;
    for (const std::string& privilege : kThings.at(object).privileges) {
      if (Has(role, object, privilege)) return true;
    }
    return false;
  }
  /// For GRANT: the object and what it lies in are known to the role.
  bool Knows(const RoleName& role, const ObjectKey& object) const {
    if (Manages(role)) return true;
    for (const ObjectKey& container : kThings.at(object).containers) {
      if (!HasAny(role, container)) return false;
    }
    return HasAny(role, object);
  }
  /// In whose name it may grant or revoke the privilege.
  std::optional<RoleName> Grantor(const RoleName& by, const ObjectKey& object,
                                  const std::string& privilege) const {
    if (!Knows(by, object)) return std::nullopt;
    if (Owns(by, object)) return owners.at(object);
    for (const auto& [key, grant] : grants) {
      const auto& [on, what, to] = key;
      if (on == object && what == privilege && grant.option && Closure(by).contains(to)) return to;
    }
    if (Manages(by)) return owners.at(object);
    return std::nullopt;
  }

  /// Who has the privilege through `from`, which has it with grant option and not as the owner.
  std::set<RoleName> Dependent(const ObjectKey& object, const std::string& privilege,
                               const RoleName& from) const {
    std::set<RoleName> givers = {from};
    std::set<RoleName> all;
    while (!givers.empty()) {
      const RoleName giver = *givers.begin();
      givers.erase(givers.begin());
      if (giver == owners.at(object)) continue;
      for (const auto& [key, grant] : grants) {
        const auto& [on, what, to] = key;
        if (on != object || what != privilege || grant.grantor != giver || to == from) continue;
        if (to != giver && all.insert(to).second) givers.insert(to);
      }
    }
    return all;
  }
  bool Grant(const RoleName& by, const ObjectKey& object, const std::string& privilege,
             const RoleName& to, bool option) {
    const auto grantor = Grantor(by, object, privilege);
    if (!grantor) return false;
    auto [entry, fresh] = grants.try_emplace({object, privilege, to}, GrantState{option, *grantor});
    if (!fresh) entry->second.option = entry->second.option || option;
    return true;
  }
  bool Revoke(const RoleName& by, const ObjectKey& object, const std::string& privilege,
              const RoleName& from, bool option_only, bool cascade) {
    if (!Knows(by, object)) return false;
    const auto found = grants.find({object, privilege, from});
    if (found == grants.end()) return true;
    if (!Manages(by) && !Closure(by).contains(found->second.grantor)) return false;
    const std::set<RoleName> dependent = Dependent(object, privilege, from);
    if (!dependent.empty() && !cascade) return false;
    for (const RoleName& role : dependent) grants.erase({object, privilege, role});
    if (option_only) {
      found->second.option = false;
    } else {
      grants.erase(found);
    }
    return true;
  }
  bool Give(const RoleName& by, const ObjectKey& object, const RoleName& to,
            CurrentGrants current) {
    if (!Knows(by, object)) return false;
    const bool manages = Manages(by);
    if (!manages && (!Owns(by, object) || !Closure(by).contains(to))) return false;
    std::vector<std::tuple<ObjectKey, std::string, RoleName>> outbound;
    for (const auto& [key, grant] : grants) {
      if (std::get<0>(key) == object) outbound.push_back(key);
    }
    if (current == CurrentGrants::kMustBeNone && !outbound.empty()) return false;
    for (const auto& key : outbound) {
      if (current == CurrentGrants::kRevoke) grants.erase(key);
      if (current == CurrentGrants::kCopy) grants[key].grantor = to;
    }
    owners[object] = to;
    return true;
  }
  bool MayGrantRole(const RoleName& by, const RoleName& role) const {
    if (Manages(by)) return true;
    const auto owner = role_owners.find(role);
    return owner != role_owners.end() && Closure(by).contains(owner->second);
  }
  bool GrantRoleTo(const RoleName& by, const RoleName& role, const RoleName& to) {
    if (!MayGrantRole(by, role) || Closure(role).contains(to)) return false;
    has.insert({to, role});
    return true;
  }
  bool RevokeRoleFrom(const RoleName& by, const RoleName& role, const RoleName& from) {
    if (!MayGrantRole(by, role)) return false;
    has.erase({from, role});
    return true;
  }
};

class GrantModelTest : public MetastoreTest {
 protected:
  GrantModelTest() {
    Create(admin_, "d", Database{});
    admin_.database = "D";
    Create(admin_, "s", Schema{});
    Create(admin_, "d.s.q0", Sequence{});
    Create(admin_, "d.s.q1", Sequence{});
    Create(admin_, "w", VirtualWarehouse{});
    for (size_t i = 0; i + 1 < kRoles.size(); ++i) {
      Create(admin_, kRoles[i], Role{});
      model_.role_owners[kRoles[i]] = "ACCOUNTADMIN";
    }
    for (const auto& [key, thing] : kThings) model_.owners[key] = "ACCOUNTADMIN";
    const ObjectId database = Id("database", "D");
    const ObjectId schema = Id("schema", "S", database);
    ids_ = {{"W", Id("warehouse", "W")},
            {"D", database},
            {"S", schema},
            {"Q0", Id("sequence", "Q0", schema)},
            {"Q1", Id("sequence", "Q1", schema)}};
  }
  Caller By(const RoleName& role) {
    Caller caller;
    caller.role = Id("role", role);
    return caller;
  }
  static GrantTarget TargetOf(const ObjectKey& object) {
    const Thing& thing = kThings.at(object);
    return OnObject{thing.kind, thing.name};
  }
  void Compare() {
    const auto snapshot = Must(metastore_->Read());
    for (const RoleName& role : kRoles) {
      const Authority authority = *Authority::Of(*snapshot, By(role));
      EXPECT_EQ(*authority.ManagesGrants(), model_.Manages(role)) << role;
      for (const auto& [key, thing] : kThings) {
        const ObjectHead head = *Must(snapshot->FindHead(ids_.at(key)));
        EXPECT_EQ(authority.Owns(head), model_.Owns(role, key)) << role << " owns " << key;
        EXPECT_EQ(*authority.Enters(head), model_.HasAny(role, key) && EntersByGrant(role, key))
            << role << " enters " << key;
        for (const std::string& privilege : thing.privileges) {
          EXPECT_EQ(*authority.Has(head, privilege), model_.Has(role, key, privilege))
              << role << " " << privilege << " on " << key;
        }
      }
    }
  }
  /// MANAGE WAREHOUSES is no privilege on a container, and warehouses are none.
  bool EntersByGrant(const RoleName& role, const ObjectKey& key) const {
    if (key != "W" || model_.Owns(role, key)) return true;
    for (const RoleName& each : model_.Closure(role)) {
      for (const std::string& privilege : kThings.at(key).privileges) {
        if (model_.grants.contains({key, privilege, each})) return true;
      }
    }
    return false;
  }

  Model model_;
  std::map<ObjectKey, ObjectId> ids_;
};

TEST_F(GrantModelTest, RandomStatements) {
  constexpr uint32_t kSeed = 20261129;
  SCOPED_TRACE(testing::Message() << "seed " << kSeed);
  std::minstd_rand random(kSeed);
  const auto pick = [&](const auto& from) -> const auto& {
    return *std::next(from.begin(), static_cast<int64_t>(random() % from.size()));
  };
  std::map<bool, int> outcomes;
  for (int step = 0; step < 1500 && !HasFailure(); ++step) {
    const RoleName by = pick(kRoles);
    const RoleName other = pick(kRoles);
    const RoleName role = kRoles[random() % (kRoles.size() - 1)];
    const auto& [key, thing] = pick(kThings);
    const std::string privilege = pick(thing.privileges);
    const bool option = random() % 3 == 0;
    const bool cascade = random() % 2 == 0;
    const auto current = static_cast<CurrentGrants>(random() % 3);
    const uint32_t what = random() % 16;
    SCOPED_TRACE(testing::Message() << "step " << step << ": " << what << " by " << by << ", "
                                    << other << ", " << role << ", " << privilege << " on " << key);
    const GrantRequest request{.privileges = {privilege},
                               .target = TargetOf(key),
                               .role = other,
                               .with_grant_option = option,
                               .cascade = cascade};
    bool expected = false;
    const Caller caller = By(by);
    const auto done = Change([&](Transaction& transaction) -> StatementResult<> {
      if (what < 6) {
        expected = model_.Grant(by, key, privilege, other, option);
        return GrantPrivileges(transaction, caller, request);
      }
      if (what < 9) {
        expected = model_.Revoke(by, key, privilege, other, option, cascade);
        return RevokePrivileges(transaction, caller, request);
      }
      if (what < 11) {
        expected = model_.Give(by, key, other, current);
        return GrantOwnership(transaction, caller,
                              {.target = TargetOf(key), .role = other, .current_grants = current});
      }
      if (what < 13) {
        expected = model_.GrantRoleTo(by, role, other);
        return GrantRole(transaction, caller, {.role = role, .grantee = other});
      }
      if (what < 15) {
        expected = model_.RevokeRoleFrom(by, role, other);
        return RevokeRole(transaction, caller, {.role = role, .grantee = other});
      }
      // The administrator makes and unmakes managers of grants.
      expected = true;
      const GrantRequest manage{
          .privileges = {std::string(kManageGrants)}, .target = OnAccount{}, .role = role};
      if (model_.managers.erase(role) == 1) return RevokePrivileges(transaction, admin_, manage);
      model_.managers.insert(role);
      return GrantPrivileges(transaction, admin_, manage);
    });
    ++outcomes[expected];
    ASSERT_EQ(done.has_value(), expected) << Told(done);
    Compare();
  }
  // Both happen, or the model says nothing.
  EXPECT_GT(outcomes[true], 200);
  EXPECT_GT(outcomes[false], 200);
}

}  // namespace
}  // namespace tarn::warehouse
