// SPDX-License-Identifier: Apache-2.0
// ALTER of any kind, apart from what files it touches.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "warehouse/catalogue/authority.h"
#include "warehouse/catalogue/caller.h"
#include "warehouse/metastore/transaction.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

/// Which object, and with which of these privileges it may be changed.
struct AlterRequest {
  ObjectKind kind = ObjectKind::kTable;
  ObjectName name;
  bool if_exists = false;
  std::vector<std::string_view> privileges = {kOwnership};
};

/// Absent: IF EXISTS, and there is none.
StatementResult<std::optional<ObjectHead>> FindToAlter(Transaction& transaction,
                                                       const Caller& caller,
                                                       const AlterRequest& request);

/// Changes what the object is, then checks it as CREATE does. `change` gets head and definition,
/// and may fail. False: IF EXISTS, and there is none.
StatementResult<bool> AlterObject(
    Transaction& transaction, const Caller& caller, const AlterRequest& request,
    const std::function<StatementResult<>(const ObjectHead&, Definition&)>& change);

/// The same, where what the object is made of stays and is not checked again: whoever operates it
/// need not be able to make it.
StatementResult<bool> OperateObject(
    Transaction& transaction, const Caller& caller, const AlterRequest& request,
    const std::function<StatementResult<>(const ObjectHead&, Definition&)>& change);

/// AlterObject for one kind.
template <typename Noun>
StatementResult<bool> Alter(Transaction& transaction, const Caller& caller, AlterRequest request,
                            const std::function<StatementResult<>(Noun&)>& change) {
  request.kind = Noun::kKind;
  return AlterObject(transaction, caller, request, [&](const ObjectHead&, Definition& definition) {
    return change(std::get<Noun>(definition));
  });
}

StatementResult<bool> SetComment(Transaction& transaction, const Caller& caller,
                                 const AlterRequest& request, std::string comment);

/// Within the account, or into another schema or database: `new_name` is resolved as a name.
StatementResult<bool> RenameObject(Transaction& transaction, const Caller& caller,
                                   const AlterRequest& request, const ObjectName& new_name);

/// ALTER … SWAP WITH: the two exchange their names (and places); ids, grants and contents stay.
StatementResult<> SwapObjects(Transaction& transaction, const Caller& caller, ObjectKind kind,
                              const ObjectName& first, const ObjectName& second);

/// SET and UNSET of parameters. An absent value unsets.
StatementResult<bool> SetParameterOf(Transaction& transaction, const Caller& caller,
                                     const AlterRequest& request, std::string_view parameter,
                                     const std::optional<std::string>& value);
/// ALTER ACCOUNT: for who has ACCOUNTADMIN.
StatementResult<> SetAccountParameter(Transaction& transaction, const Caller& caller,
                                      std::string_view parameter,
                                      const std::optional<std::string>& value);

/// SET TAG, UNSET TAG (absent value), of the object or one of its columns ("": of itself).
StatementResult<> SetTag(Transaction& transaction, const Caller& caller,
                         const AlterRequest& request, std::string_view column,
                         const ObjectName& tag, const std::optional<std::string>& value);

/// Takes `count` values; the first is returned, the others follow by the increment. No schema
/// change: for CommitQuietly.
StatementResult<int64_t> TakeSequenceValues(Transaction& transaction, ObjectId sequence,
                                            int64_t count);

}  // namespace tarn::warehouse
