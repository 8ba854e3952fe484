"""Rows put into tables of an earlier migration, which the models do not fit."""


def insert(target, table, row):
    names, values = (
        ", ".join(row),
        ", ".join("NULL" if v is None else repr(v) for v in row.values()),
    )
    target.execute(f"INSERT INTO {table} ({names}) VALUES ({values})")
