// SPDX-License-Identifier: Apache-2.0
// Inside of show/: the parts of Show, one per group of kinds.
#pragma once

#include "warehouse/show/show.h"

namespace tarn::warehouse {

using ShownRows = StatementResult<RowSet>;

ShownRows ShowDatabases(const ShowContext& context, const ListFilter& filter);
ShownRows ShowSchemas(const ShowContext& context, const ListFilter& filter);
ShownRows ShowWarehouses(const ShowContext& context);
ShownRows ShowRoles(const ShowContext& context, const ListFilter& filter);
ShownRows ShowUsers(const ShowContext& context, const ListFilter& filter);
ShownRows ShowTables(const ShowContext& context, const ListFilter& filter);
ShownRows ShowIcebergTables(const ShowContext& context, const ListFilter& filter);
ShownRows ShowDynamicTables(const ShowContext& context, const ListFilter& filter);
ShownRows ShowViews(const ShowContext& context, const ListFilter& filter);
ShownRows ShowRelations(const ShowContext& context, const ListFilter& filter);
ShownRows ShowColumns(const ShowContext& context, const ListFilter& filter);
ShownRows ShowSequences(const ShowContext& context);
ShownRows ShowFileFormats(const ShowContext& context);
ShownRows ShowUserFunctions(const ShowContext& context);
ShownRows ShowProcedures(const ShowContext& context);
ShownRows ShowStages(const ShowContext& context);
ShownRows ShowStreams(const ShowContext& context);
ShownRows ShowTasks(const ShowContext& context, const ListFilter& filter);
ShownRows ShowPostgresInstances(const ShowContext& context);
ShownRows ShowNetworkRules(const ShowContext& context);
ShownRows ShowNetworkPolicies(const ShowContext& context);
ShownRows ShowIntegrations(const ShowContext& context, bool storage, bool catalog);
ShownRows ShowExternalVolumes(const ShowContext& context);
ShownRows ShowTags(const ShowContext& context);
ShownRows ShowApplications(const ShowContext& context);

// The rows of one stream, task, sequence or network rule: DESCRIBE shows what SHOW does.
RowSet StreamRows(const ShowContext& context, const std::vector<Object<Stream>>& objects);
RowSet TaskRows(const ShowContext& context, const std::vector<Object<Task>>& objects);
RowSet SequenceRows(const ShowContext& context, const std::vector<Object<Sequence>>& objects);

/// `rows` of the columns of one relation.
void AddColumnRows(const ShowContext& context, const ObjectHead& relation,
                   const std::vector<Column>& columns, const std::optional<std::string>& like,
                   RowSet& set);
RowSet EmptyColumnRows();

}  // namespace tarn::warehouse
