// SPDX-License-Identifier: Apache-2.0
// tarn.commit_table and tarn.commit_tables: what a REST catalog, or an engine itself, calls to
// commit.
#include <algorithm>

#include "boundary/guard.h"
#include "definition/outside_access.h"
#include "transaction/outside_commit.h"

extern "C" {
#include <access/parallel.h>
#include <catalog/namespace.h>
#include <funcapi.h>
#include <tcop/utility.h>
#include <utils/builtins.h>
#include <utils/jsonb.h>
#include <utils/lsyscache.h>
#include <utils/regproc.h>
#include <utils/varlena.h>
}

namespace tarn::extension {
namespace {

/// As a caller asks for it. All in palloc'ed memory.
struct Request {
  Oid table;
  Jsonb* requirements;
  Jsonb* updates;
  char* location;  ///< the answer
  int position;    ///< in the call
};

void CheckMayWrite(const char* function) {
  PreventCommandIfReadOnly(function);
  PreventCommandIfParallelMode(function);
  PreventCommandDuringRecovery(function);
}

char* JsonText(Jsonb* json) { return JsonbToCString(nullptr, &json->root, VARSIZE(json)); }

/// Locks are taken in the order of OIDs, as every transaction takes them.
void RunRequests(Request* requests, int count) {
  std::sort(requests, requests + count,
            [](const Request& a, const Request& b) { return a.table < b.table; });
  for (int i = 0; i + 1 < count; ++i) {
    if (requests[i].table == requests[i + 1].table) {
      ereport(ERROR,
              (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
               errmsg("table \"%s\" stands twice in one commit", get_rel_name(requests[i].table))));
    }
  }
  for (int i = 0; i < count; ++i) {
    LockForCommit(requests[i].table, LockForUpdates(requests[i].updates));
  }
  Guard([&] {
    std::vector<OutsideChange> changes;
    for (int i = 0; i < count; ++i) {
      const Request& request = requests[i];
      changes.push_back({.table_oid = request.table,
                         .requirements = Pg([&] { return JsonText(request.requirements); }),
                         .updates = Pg([&] { return JsonText(request.updates); })});
    }
    const std::vector<std::string> locations = CommitFromOutside(changes);
    for (int i = 0; i < count; ++i) {
      const char* location = locations[static_cast<size_t>(i)].c_str();
      requests[i].location = Pg([&] { return pstrdup(location); });
    }
  });
}

void RefuseChange(int position, const char* what) {
  ereport(ERROR,
          (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("changes[%d]: %s", position, what),
           errdetail("Each of the changes is an object of \"table\", \"requirements\" and "
                     "\"updates\".")));
}

char* StringOf(const JsonbValue* value) {
  return pnstrdup(value->val.string.val, static_cast<Size>(value->val.string.len));
}

JsonbValue* Member(const JsonbContainer* object, const char* name) {
  return getKeyJsonValueFromContainer(const_cast<JsonbContainer*>(object), name,
                                      static_cast<int>(strlen(name)), nullptr);
}

Jsonb* ArrayMember(const JsonbContainer* object, const char* name, int position) {
  JsonbValue* value = Member(object, name);
  if (value == nullptr || value->type != jbvBinary ||
      !JsonContainerIsArray(value->val.binary.data)) {
    RefuseChange(position, psprintf("\"%s\" is no array", name));
  }
  return JsonbValueToJsonb(value);
}

Request ParseChange(Jsonb* changes, int position) {
  JsonbValue* change = getIthJsonbValueFromContainer(&changes->root, static_cast<uint32>(position));
  if (change->type != jbvBinary || !JsonContainerIsObject(change->val.binary.data))
    RefuseChange(position, "no object");
  const JsonbContainer* object = change->val.binary.data;
  JsonbValue* table = Member(object, "table");
  if (table == nullptr || table->type != jbvString)
    RefuseChange(position, "\"table\" is no name of a table");
  Request request = {};
  request.table =
      DatumGetObjectId(DirectFunctionCall1(regclassin, CStringGetDatum(StringOf(table))));
  request.requirements = ArrayMember(object, "requirements", position);
  request.updates = ArrayMember(object, "updates", position);
  request.position = position;
  return request;
}

void PushText(JsonbParseState** state, JsonbIteratorToken token, char* text) {
  JsonbValue value;
  value.type = jbvString;
  value.val.string.val = text;
  value.val.string.len = static_cast<int>(strlen(text));
  pushJsonbValue(state, token, &value);
}

/// In the order of the call.
Jsonb* Answer(Request* requests, int count) {
  std::sort(requests, requests + count,
            [](const Request& a, const Request& b) { return a.position < b.position; });
  JsonbParseState* state = nullptr;
  pushJsonbValue(&state, WJB_BEGIN_ARRAY, nullptr);
  for (int i = 0; i < count; ++i) {
    pushJsonbValue(&state, WJB_BEGIN_OBJECT, nullptr);
    PushText(&state, WJB_KEY, pstrdup("table"));
    PushText(&state, WJB_VALUE,
             quote_qualified_identifier(get_namespace_name(get_rel_namespace(requests[i].table)),
                                        get_rel_name(requests[i].table)));
    PushText(&state, WJB_KEY, pstrdup("metadata-location"));
    PushText(&state, WJB_VALUE, requests[i].location);
    pushJsonbValue(&state, WJB_END_OBJECT, nullptr);
  }
  return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_ARRAY, nullptr));
}

}  // namespace
}  // namespace tarn::extension

extern "C" {
PG_FUNCTION_INFO_V1(tarn_commit_table);
PG_FUNCTION_INFO_V1(tarn_commit_tables);

Datum tarn_commit_table(PG_FUNCTION_ARGS) {
  tarn::extension::CheckMayWrite("tarn.commit_table()");
  tarn::extension::Request request = {};
  request.table = PG_GETARG_OID(0);
  request.requirements = PG_GETARG_JSONB_P(1);
  request.updates = PG_GETARG_JSONB_P(2);
  tarn::extension::RunRequests(&request, 1);
  PG_RETURN_TEXT_P(cstring_to_text(request.location));
}

Datum tarn_commit_tables(PG_FUNCTION_ARGS) {
  tarn::extension::CheckMayWrite("tarn.commit_tables()");
  Jsonb* changes = PG_GETARG_JSONB_P(0);
  if (!JB_ROOT_IS_ARRAY(changes) || JB_ROOT_IS_SCALAR(changes)) {
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("changes is no array")));
  }
  const auto count = static_cast<int>(JB_ROOT_COUNT(changes));
  auto* requests = static_cast<tarn::extension::Request*>(
      palloc0(sizeof(tarn::extension::Request) * static_cast<Size>(Max(count, 1))));
  for (int i = 0; i < count; ++i) requests[i] = tarn::extension::ParseChange(changes, i);
  tarn::extension::RunRequests(requests, count);
  PG_RETURN_JSONB_P(tarn::extension::Answer(requests, count));
}
}
