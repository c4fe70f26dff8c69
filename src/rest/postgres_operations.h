// SPDX-License-Identifier: Apache-2.0
// What the catalog does for tables of managed PostgreSQL servers, one function per endpoint.
// Thread-safe; each asks the server. REQUIRES: call.postgres.
//
// The pointer of such a table is PostgreSQL's: it is read there, and commits are statements there
// (docs/use/other-writers.md), as the table's owner. Who may: USAGE on the POSTGRES INSTANCE to
// read, OPERATE to commit.
#pragma once

#include "rest/call.h"

namespace tarn::rest::postgres {

Reply<Response> ListNamespaces(const Service& service, const Call& call);
Reply<Response> LoadNamespace(const Service& service, const Call& call);
Reply<Response> NamespaceExists(const Service& service, const Call& call);

Reply<Response> ListTables(const Service& service, const Call& call);
Reply<Response> LoadTable(const Service& service, const Call& call);
Reply<Response> TableExists(const Service& service, const Call& call);
Reply<Response> LoadCredentials(const Service& service, const Call& call);
Reply<Response> CommitTable(const Service& service, const Call& call);
Reply<Response> CommitTransaction(const Service& service, const Call& call);

/// There are none: views of PostgreSQL are PostgreSQL's.
Reply<Response> ListViews(const Service& service, const Call& call);
Reply<Response> NoView(const Service& service, const Call& call);

/// 406, where an endpoint has no operation here.
std::unexpected<Failure> Refuse(const Call& call);

}  // namespace tarn::rest::postgres
