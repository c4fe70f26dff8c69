// SPDX-License-Identifier: Apache-2.0
#include "warehouse/session/first_password.h"

#include "base/file_content.h"
#include "provision/durable_file.h"
#include "provision/scram.h"
#include "warehouse/metastore/new_account.h"
#include "warehouse/session/verifier.h"

namespace tarn::warehouse {
namespace {

constexpr unsigned kPasswordMode = 0600;

Result<std::string> KeptOrMade(const std::filesystem::path& file) {
  TARN_ASSIGN(auto kept, ReadFileIfPresent(file.string()));
  while (kept && kept->ends_with('\n')) kept->pop_back();
  if (kept && !kept->empty()) return *kept;
  TARN_ASSIGN(const std::string made, provision::GeneratePassword());
  TARN_TRY(provision::WriteFile(file, made + "\n", kPasswordMode));
  return made;
}

}  // namespace

Result<> EnsureFirstPassword(Metastore& metastore, const std::filesystem::path& file) {
  {
    // Most starts change nothing.
    TARN_ASSIGN(const auto snapshot, metastore.Read());
    TARN_ASSIGN(const auto head,
                snapshot->FindNamed(kAccountId, FamilyOf(ObjectKind::kUser), kFirstUser));
    if (!head) return {};  // somebody dropped or renamed it
    TARN_ASSIGN(const auto user, snapshot->Find<User>(head->id));
    if (!user || user->password_set_ms) return {};
  }
  return WithoutCode(metastore.Commit([&file](Transaction& transaction) -> StatementResult<> {
    STATEMENT_ASSIGN(const auto head,
                     transaction.FindNamed(kAccountId, FamilyOf(ObjectKind::kUser), kFirstUser));
    STATEMENT_ASSIGN(auto user, transaction.Find<User>(head->id));
    STATEMENT_ASSIGN(const std::string password, KeptOrMade(file));
    STATEMENT_TRY(SetPassword(*user, password, transaction.now_ms()));
    STATEMENT_TRY(transaction.Update(head->id, *user));
    return {};
  }));
}

}  // namespace tarn::warehouse
