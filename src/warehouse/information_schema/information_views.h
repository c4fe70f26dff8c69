// SPDX-License-Identifier: Apache-2.0
// Inside of information_schema/: what the views are made of.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "warehouse/objects/database.h"
#include "warehouse/session/named_rows.h"
#include "warehouse/show/show_context.h"

namespace tarn::warehouse {

/// Who asks about which database.
struct InformationPlace {
  const ShowContext& objects;   ///< of the database
  const ShowContext& accounts;  ///< of the whole account
  const ObjectHead& database;
};

using InformationRows = std::vector<std::vector<Value>>;

struct InformationView {
  std::string_view name;
  std::vector<MadeColumn> (*columns)() = nullptr;
  StatementResult<InformationRows> (*rows)(const InformationPlace& place) = nullptr;
};
/// Every view that there is.
std::span<const InformationView> InformationViews();

// Columns of the types that these views have.
MadeColumn TextColumn(const char* name);
MadeColumn NumberColumn(const char* name);
MadeColumn TimeColumn(const char* name);
MadeColumn TruthColumn(const char* name);

// Values. NULL for "" and for an absent number.
Value TextOrNothing(const std::string& text);
Value YesOrNo(bool yes);
Value TimeValue(int64_t ms);
Value DaysOf(const InformationPlace& place, const ObjectHead& head);

std::vector<MadeColumn> TablesColumns();
StatementResult<InformationRows> TablesRows(const InformationPlace& place);
std::vector<MadeColumn> ViewsColumns();
StatementResult<InformationRows> ViewsRows(const InformationPlace& place);
std::vector<MadeColumn> ColumnsColumns();
StatementResult<InformationRows> ColumnsRows(const InformationPlace& place);
std::vector<MadeColumn> TableConstraintsColumns();
StatementResult<InformationRows> TableConstraintsRows(const InformationPlace& place);
std::vector<MadeColumn> ReferentialConstraintsColumns();
StatementResult<InformationRows> ReferentialConstraintsRows(const InformationPlace& place);
std::vector<MadeColumn> TablePrivilegesColumns();
StatementResult<InformationRows> TablePrivilegesRows(const InformationPlace& place);
std::vector<MadeColumn> SequencesColumns();
StatementResult<InformationRows> SequencesRows(const InformationPlace& place);
std::vector<MadeColumn> StagesColumns();
StatementResult<InformationRows> StagesRows(const InformationPlace& place);
std::vector<MadeColumn> FileFormatsColumns();
StatementResult<InformationRows> FileFormatsRows(const InformationPlace& place);
std::vector<MadeColumn> FunctionsColumns();
StatementResult<InformationRows> FunctionsRows(const InformationPlace& place);
std::vector<MadeColumn> ProceduresColumns();
StatementResult<InformationRows> ProceduresRows(const InformationPlace& place);
std::vector<MadeColumn> EnabledRolesColumns();
StatementResult<InformationRows> EnabledRolesRows(const InformationPlace& place);
std::vector<MadeColumn> ApplicableRolesColumns();
StatementResult<InformationRows> ApplicableRolesRows(const InformationPlace& place);
std::vector<MadeColumn> CatalogNameColumns();
StatementResult<InformationRows> CatalogNameRows(const InformationPlace& place);

}  // namespace tarn::warehouse
