"""The Django app: tables, queries, JSON, pages and admin. Never imports Spark."""
