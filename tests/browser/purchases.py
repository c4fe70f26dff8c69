# SPDX-License-Identifier: Apache-2.0
"""Rows of the document's dynamic table, and its application's rules as one reads them, in Python: what the dashboard
must show of given rows."""

import collections
import datetime
import decimal
import random

COLUMNS = ("transaction_id VARCHAR, customer_id INT, customer_age INT, product_id INT, product_name VARCHAR, "
           "product_category VARCHAR, merchant_id INT, merchant_name VARCHAR, merchant_category VARCHAR, transaction_date DATE, "
           "transaction_time VARCHAR, quantity INT, total_price NUMBER(12, 2), transaction_card VARCHAR, "
           "transaction_category VARCHAR")
NAMES = [column.split()[0] for column in COLUMNS.replace("(12, 2)", "").split(", ")]
PRODUCTS = [("Phone", "Tech", "890.69"), ("Laptop", "Tech", "1480.00"), ("Toiletries", "Retail", "129.81"),
            ("Disinfectant Wipes", "Retail", "77.10"), ("Dinner", "Dining", "64.25"), ("Flight", "Travel", "710.40")]
MERCHANTS = {"Tech": ["Apple", "Best Buy"], "Retail": ["Amazon", "Walmart", "Target"], "Dining": ["Chipotle", "Olive Garden"],
             "Travel": ["Delta"]}
CARDS = ["American Express", "Visa", "Mastercard", "Discover"]
AGES = [("Gen Z", 18, 25), ("Millennials", 26, 41), ("Gen X", 42, 57), ("Boomers", 58, 76), ("Silent Generation", 77, 90)]
STATUSES = ["Low Spenders", "Medium Spenders", "High Spenders"]
SEEDED_ROWS = 240
FIRST_DAY = datetime.date(2024, 3, 1)


def seeded_rows(count, seed=7, customers=60):
    """Customers of every group and every status; some are of no group (17 and 91 years), some have refunds alone."""
    chance = random.Random(seed)
    ages = {customer: chance.choice([17, 18, 25, 26, 41, 42, 57, 58, 76, 77, 90, 91]) for customer in range(1, customers + 1)}
    rows = []
    for i in range(count):
        customer = chance.randint(1, customers)
        number = chance.randrange(len(PRODUCTS))
        product, category, price = PRODUCTS[number]
        merchant = chance.choice(MERCHANTS[category])
        quantity = chance.randint(1, 7)
        kind = "Refund" if customer % 12 == 0 or chance.random() < 0.2 else "Purchase"
        day = FIRST_DAY + datetime.timedelta(days=chance.randint(0, 400))
        rows.append((f"TX{i:06d}", customer, ages[customer], 100 + number, product, category, 10 + len(merchant), merchant, category, day,
                     f"{chance.randint(0, 23):02d}:{chance.randint(0, 59):02d}:00", quantity, decimal.Decimal(price) * quantity,
                     chance.choice(CARDS), kind))
    return rows


def values_of(row):
    def literal(value):
        if isinstance(value, (int, decimal.Decimal)):
            return str(value)
        return "NULL" if value is None else "'" + str(value).replace("'", "''") + "'"
    return "(" + ", ".join(map(literal, row)) + ")"


def age_group(age):
    return next((name for name, first, last in AGES if age is not None and first <= age <= last), None)


def status_of(spent):
    return STATUSES[0] if spent < 4000 else STATUSES[1] if spent < 6000 else STATUSES[2]


def spending(rows):
    """Of each customer with purchases."""
    spent = collections.defaultdict(decimal.Decimal)
    for row in rows:
        if row["transaction_category"] == "Purchase":
            spent[row["customer_id"]] += row["total_price"]
    return spent


def statuses(rows):
    return {customer: status_of(spent) for customer, spent in spending(rows).items()}


def filtered(rows, status=None, age=None, start=None, end=None, customer=None, category=None, product=None):
    by_customer = statuses(rows)
    end = min(end or datetime.date.today(), datetime.date.today())
    return [row for row in rows
            if (status is None or by_customer.get(row["customer_id"]) == status)
            and (age is None or age_group(row["customer_age"]) == age)
            and (start is None or row["transaction_date"] >= start) and row["transaction_date"] <= end
            and (customer is None or row["customer_id"] == customer)
            and (category is None or row["transaction_category"] == category)
            and (product is None or row["product_category"] == product)]


def metrics(rows):
    """As the page writes them."""
    spent = {customer: total for customer, total in spending(rows).items() if total > 0}
    count = collections.Counter(map(status_of, spent.values()))
    return {"High Spenders": f"{count[STATUSES[2]]:,}", "Medium Spenders": f"{count[STATUSES[1]]:,}",
            "Low Spenders": f"{count[STATUSES[0]]:,}", "Total Spent": f"${sum(spent.values(), decimal.Decimal(0)):,.2f}"}


def by_day(rows):
    items = collections.Counter()
    for row in rows:
        items[(row["transaction_date"].isoformat(), row["transaction_category"])] += int(row["quantity"])
    return sorted([day, kind, f"{count:,}"] for (day, kind), count in items.items())


def by(rows, column):
    return sorted([name, f"{count:,}"] for name, count in collections.Counter(row[column] for row in rows).items())


def by_merchant(rows):
    total = collections.defaultdict(decimal.Decimal)
    for row in rows:
        total[row["merchant_name"]] += row["total_price"]
    return sorted([*pair, f"${total[pair[0]]:,.2f}"] for pair in by(rows, "merchant_name"))


def favourite(rows):
    total = collections.defaultdict(decimal.Decimal)
    for row in rows:
        total[row["merchant_name"]] += row["total_price"]
    return max(sorted(total), key=lambda name: total[name])
