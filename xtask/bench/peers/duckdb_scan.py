"""DuckDB's bare scan, count and sum of every column: `duckdb_scan.py FILE...`."""

import sys

import duckdb


def main(*paths):
    """Adds up every value of each file; the length of a text stands for its value."""
    for path in paths:
        table = f"read_parquet('{path}')"
        columns = duckdb.sql(f"DESCRIBE SELECT * FROM {table}").fetchall()
        terms = [
            f'count("{name}"), sum("{name}")' if kind == "DOUBLE"
            else f'count("{name}"), sum(length("{name}"::VARCHAR))'
            for name, kind, *_ in columns
        ]
        duckdb.sql(f"SELECT {', '.join(terms)} FROM {table}").fetchall()


if __name__ == "__main__":
    main(*sys.argv[1:])
