"""The database that customer, order and payment share.

An order, its customer and its payment change together or not at all: that is why the three don't
have databases of their own, and why each of them can be the reason that another one can't deploy.
The SQL is what SQLite and PostgreSQL have in common.
"""

SHOP = "shop"

SCHEMA = """
CREATE TABLE IF NOT EXISTS customers (customer TEXT PRIMARY KEY, orders INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS orders (
  order_id TEXT PRIMARY KEY, customer TEXT NOT NULL, sku TEXT NOT NULL, amount INTEGER NOT NULL,
  state TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS payments (order_id TEXT PRIMARY KEY, amount INTEGER NOT NULL);
"""
