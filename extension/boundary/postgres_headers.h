// SPDX-License-Identifier: Apache-2.0
// PostgreSQL's headers for C++. Include it first in every file of the extension.
#pragma once

extern "C" {
#include <postgres.h>

#include <access/tableam.h>
#include <access/xact.h>
#include <executor/tuptable.h>
#include <fmgr.h>
#include <miscadmin.h>
#include <utils/rel.h>
#include <utils/snapshot.h>
}

// port.h replaces these; C++ standard headers want the real ones.
#undef gettext
#undef ngettext
#undef dgettext
#undef snprintf
#undef vsnprintf
#undef printf
#undef fprintf
#undef sprintf
#undef vsprintf
#undef vprintf
#undef vfprintf
