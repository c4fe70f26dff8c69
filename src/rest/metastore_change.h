// SPDX-License-Identifier: Apache-2.0
// Transactions of the metastore in functions that return a Reply.
#pragma once

#include <functional>

#include "rest/call.h"
#include "table/writer.h"
#include "warehouse/metastore/transaction.h"

namespace tarn::rest {

using Change = std::function<Reply<>(warehouse::Transaction&)>;

/// All of it, or the failure and nothing.
Reply<> ChangeMetastore(const Service& service, const Change& change);

/// Somebody who makes files. Journalled before the first of them appears; what is left over of one
/// that published nothing goes at the end. Used by one thread.
class FileWriter {
 public:
  explicit FileWriter(const Service& service);
  ~FileWriter();
  FileWriter(const FileWriter&) = delete;
  FileWriter& operator=(const FileWriter&) = delete;

  const table::Writer& writer() const { return writer_; }
  /// Before a file appears below `location`.
  Reply<> Announce(const std::string& location);
  /// Runs `change` in a transaction that makes the writer's files the metastore's.
  Reply<> Publish(const Change& change);

  /// Somebody else published for it.
  void Committed();
  /// Nobody can say whether it was published: it stays open until the account is opened again.
  void LeaveOpen() { ended_ = true; }

 private:
  void End();

  const Service& service_;
  table::Writer writer_;
  bool ended_ = false;
};

}  // namespace tarn::rest
