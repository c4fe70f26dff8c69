# SPDX-License-Identifier: Apache-2.0
"""One text for one value, whichever reader gave it: psycopg2, PyIceberg or Spark. Needs nothing but Python."""

import datetime
import decimal
import uuid


def canonical(value):
    """Nested lists and dicts of texts and None. Instants are told in UTC."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float, decimal.Decimal, uuid.UUID)):
        return str(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).hex()
    if isinstance(value, datetime.datetime):
        if value.tzinfo is not None:
            value = value.astimezone(datetime.timezone.utc).replace(tzinfo=None)
        return value.isoformat()
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if hasattr(value, "asDict"):  # Spark's Row
        value = value.asDict()
    elif hasattr(value, "_asdict"):  # psycopg2's composite
        value = value._asdict()
    if isinstance(value, dict):
        return {str(name): canonical(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [canonical(item) for item in value]
    raise TypeError(f"no text for {type(value).__name__}")


def canonical_rows(rows):
    """Rows in an order that does not depend on the reader."""
    return sorted(([canonical(value) for value in row] for row in rows), key=repr)
