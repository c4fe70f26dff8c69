// SPDX-License-Identifier: Apache-2.0
#include "rest/metastore_change.h"

#include <optional>

#include "table/journal.h"
#include "warehouse/metastore/table_publisher.h"

namespace tarn::rest {
namespace {

using warehouse::Metastore;
using warehouse::StatementResult;
using warehouse::Transaction;

/// `run` is given the change as the metastore runs it; its failure comes back as it was.
Reply<> Run(const Change& change, const std::function<StatementResult<>(Metastore::Change)>& run) {
  std::optional<Failure> failure;
  const StatementResult<> done = run([&](Transaction& transaction) -> StatementResult<> {
    Reply<> changed = change(transaction);
    if (changed) return {};
    failure = std::move(changed).error();
    return std::unexpected(warehouse::StatementError{});
  });
  if (failure) return std::unexpected(*std::move(failure));
  REST_TRY(done);
  return {};
}

}  // namespace

Reply<> ChangeMetastore(const Service& service, const Change& change) {
  return Run(change, [&](const Metastore::Change& inner) {
    return service.account->metastore().Commit(inner);
  });
}

FileWriter::FileWriter(const Service& service)
    : service_(service), writer_(service.account->writers().Begin()) {}

FileWriter::~FileWriter() {
  if (!ended_) End();
}

Reply<> FileWriter::Announce(const std::string& location) {
  REST_TRY(service_.account->tables().journal->AddLocation(writer_, location, false));
  return {};
}

Reply<> FileWriter::Publish(const Change& change) {
  Reply<> published = Run(change, [&](const Metastore::Change& inner) {
    return CommitAsWriter(service_.account->metastore(), writer_.id, inner);
  });
  if (published) {
    Committed();
  } else if (published.error().type == "CommitStateUnknownException") {
    LeaveOpen();
  }
  return published;
}

void FileWriter::Committed() {
  service_.account->tables().journal->Commit(writer_.id, service_.account->clock().NowMs());
  End();
}

void FileWriter::End() {
  ended_ = true;
  service_.account->writers().End(writer_.id);
  service_.account->SettleWriters();
}

}  // namespace tarn::rest
