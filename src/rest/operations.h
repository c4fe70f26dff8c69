// SPDX-License-Identifier: Apache-2.0
// What the catalog does, one function per endpoint. Thread-safe.
#pragma once

#include "rest/call.h"

namespace tarn::rest {

Reply<Response> GetConfig(const Service& service, const Call& call);

Reply<Response> ListNamespaces(const Service& service, const Call& call);
Reply<Response> CreateNamespace(const Service& service, const Call& call);
Reply<Response> LoadNamespace(const Service& service, const Call& call);
Reply<Response> NamespaceExists(const Service& service, const Call& call);
Reply<Response> DropNamespace(const Service& service, const Call& call);
Reply<Response> UpdateNamespace(const Service& service, const Call& call);

Reply<Response> ListTables(const Service& service, const Call& call);
Reply<Response> CreateTable(const Service& service, const Call& call);
Reply<Response> RegisterTable(const Service& service, const Call& call);
Reply<Response> LoadTable(const Service& service, const Call& call);
Reply<Response> TableExists(const Service& service, const Call& call);
Reply<Response> CommitTable(const Service& service, const Call& call);
Reply<Response> DropTable(const Service& service, const Call& call);
Reply<Response> RenameTable(const Service& service, const Call& call);
Reply<Response> CommitTransaction(const Service& service, const Call& call);
Reply<Response> ReportMetrics(const Service& service, const Call& call);
Reply<Response> LoadCredentials(const Service& service, const Call& call);

Reply<Response> ListViews(const Service& service, const Call& call);
Reply<Response> CreateView(const Service& service, const Call& call);
Reply<Response> RegisterView(const Service& service, const Call& call);
Reply<Response> LoadView(const Service& service, const Call& call);
Reply<Response> ViewExists(const Service& service, const Call& call);
Reply<Response> ReplaceView(const Service& service, const Call& call);
Reply<Response> DropView(const Service& service, const Call& call);
Reply<Response> RenameView(const Service& service, const Call& call);

}  // namespace tarn::rest
