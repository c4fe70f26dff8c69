// SPDX-License-Identifier: Apache-2.0
// Tables of the engine's own: results that are kept from one query to the next. They live in the
// engine's memory, spill as its queries do, and are gone with the process.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "engine/query.h"

namespace tarn::engine {

/// Dropped with its owner; the engine outlives it. Texts of queries name it by its name; its
/// columns are c0, c1, … Whoever changes it sees to it that nobody else does at the same time.
class KeptTable {
 public:
  virtual ~KeptTable() = default;
  virtual const std::string& name() const = 0;
  /// When it was made.
  virtual int64_t rows() const = 0;
};

/// Asked while the engine works: whether to give up.
using IsCancelled = std::function<bool()>;

/// For a table that is to be made: no other has it, or had it.
std::string NewKeptTableName();

/// Keeps the rows of a query of `columns` columns, which need no carriers. Fails as
/// Engine::OpenQuery and QueryStream::Next do, then nothing is kept.
QueryResult<std::unique_ptr<KeptTable>> KeepRows(Engine& engine, std::string name,
                                                 QueryRequest request, size_t columns,
                                                 const IsCancelled& is_cancelled);

/// Runs statements over kept tables alone, in one transaction: all of them, or none. Trusted as
/// QueryRequest::text is.
Result<> ChangeKeptTables(Engine& engine, const std::string& statements);

}  // namespace tarn::engine
