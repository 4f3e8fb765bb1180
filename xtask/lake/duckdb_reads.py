"""Proves that a real DuckDB reads a store: the same rows before and after a schema change, a compaction
and a retention run, and while the store is being written.

Usage: duckdb_reads.py <the example binary `lake`>
"""

import glob
import pathlib
import site
import subprocess
import sys
import tempfile
import threading

import duckdb


def connect(folder, read_only=True):
    """A DuckDB with the store attached as `lake`, and no extension but the two that were installed."""
    connection = duckdb.connect(config={"autoinstall_known_extensions": "false"})
    for place in site.getsitepackages():
        for name in ("sqlite_scanner", "ducklake"):
            for path in glob.glob(f"{place}/duckdb_extension*/**/{name}.duckdb_extension", recursive=True):
                connection.execute(f"LOAD '{path}'")
    option = "(READ_ONLY)" if read_only else ""
    connection.execute(f"ATTACH 'ducklake:sqlite:{folder}/keepwell.sqlite' AS lake {option}")
    connection.execute("SET TimeZone = 'UTC'")
    return connection


class Store:
    """The example binary, which is driven by lines."""

    def __init__(self, binary, folder):
        self.process = subprocess.Popen(
            [binary, "serve", folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.answer() == "ready"

    def answer(self):
        line = self.process.stdout.readline().strip()
        assert line and not line.startswith("error"), line
        return line

    def send(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()

    def tell(self, command):
        self.send(command)
        return self.answer()

    def close(self):
        self.process.stdin.close()
        assert self.process.wait(30) == 0


def one(connection, sql):
    return connection.execute(sql).fetchone()


def facts(folder, table="lake.churn.predictions"):
    """What DuckDB says of a table, by questions that its statistics could answer wrongly."""
    connection = connect(folder)
    low, high = one(connection, f"SELECT min(number), max(number) FROM {table}")
    middle = (low + high) // 2
    answers = {
        "rows": one(connection, f"SELECT count(*) FROM {table}")[0],
        "sum": one(connection, f"SELECT sum(number), sum(f0), count(f3), count(DISTINCT prediction_id) FROM {table}"),
        "upper half": one(connection, f"SELECT count(*) FROM {table} WHERE number >= {middle}")[0],
        "nan": one(connection, f"SELECT count(*) FROM {table} WHERE isnan(score)")[0],
        "above": one(connection, f"SELECT count(*) FROM {table} WHERE score > 1e9")[0],
        "null": one(connection, f"SELECT count(*) FROM {table} WHERE f0 IS NULL")[0],
        "text": one(connection, f"SELECT count(*) FROM {table} WHERE \"国家\" = '中国'")[0],
        "true": one(connection, f"SELECT count(*) FROM {table} WHERE is_new")[0],
        "day": one(connection, f"SELECT count(*) FROM {table} WHERE _day = DATE '2026-01-02'")[0],
        "hour": one(
            connection,
            f"SELECT count(*) FROM {table} WHERE timestamp >= TIMESTAMPTZ '2026-01-02 05:00:00+00'"
            " AND timestamp < TIMESTAMPTZ '2026-01-02 06:00:00+00'",
        )[0],
        "days": one(connection, f"SELECT count(*) FROM {table} WHERE _day <> CAST(timestamp AS DATE)")[0],
        "arrival": one(connection, f"SELECT count(DISTINCT _row), bool_and(_received IS NOT NULL) FROM {table}"),
    }
    # The same questions, without any statistics: over the files alone.
    paths = [row[0] for row in connection.execute(f"FROM ducklake_list_files('lake', 'predictions', schema => 'churn')").fetchall()]
    plain = f"read_parquet({paths!r}, union_by_name => true)"
    for name, sql in {
        "upper half": f"number >= {middle}",
        "above": "score > 1e9",
        "text": "\"国家\" = '中国'",
        "hour": "timestamp >= TIMESTAMPTZ '2026-01-02 05:00:00+00' AND timestamp < TIMESTAMPTZ '2026-01-02 06:00:00+00'",
    }.items():
        expected = one(connection, f"SELECT count(*) FROM {plain} WHERE {sql}")[0]
        assert answers[name] == expected, (name, answers[name], expected)
    assert answers["days"] == 0
    assert answers["arrival"] == (answers["rows"], True)
    connection.close()
    return answers


def same_rows(store, folder, model="churn", kind="predictions"):
    rows = int(store.tell(f"count {model} {kind}"))
    found = one(connect(folder), f"SELECT count(*) FROM lake.{model}.{kind}")[0]
    assert rows == found, (rows, found)
    return rows


def schema_and_compaction(store, folder):
    for _ in range(6):
        store.tell("append churn predictions 700")
        store.tell("flush")
    before = facts(folder)
    assert before["rows"] == 4200 and before["hour"] == 60, before
    assert before["text"] == 1400 and before["nan"] > 0, before
    store.tell("append churn predictions 300 added")
    store.tell("flush")
    connection = connect(folder)
    # One in 17 of the new rows has a null in the column, as in each other column of floats.
    added = one(connection, "SELECT count(added), count(*) FROM lake.churn.predictions")
    assert 275 <= added[0] <= 285 and added[1] == 4500, added
    old = one(connection, "SELECT count(*) FROM lake.churn.predictions WHERE added IS NULL AND number < 4250")
    assert old[0] == 4200, old
    connection.close()
    wide = facts(folder)
    merged = store.tell("compact")
    assert facts(folder) == wide, "compaction changed an answer"
    store.tell("clean")
    assert facts(folder) == wide, "clean-up changed an answer"
    return merged


def retention(store, folder):
    size = one(connect(folder), "SELECT sum(file_size_bytes) FROM ducklake_table_info('lake')")[0]
    store.tell(f"retain churn {int(size) // 2}")
    left = same_rows(store, folder)
    assert 0 < left < 4500, left
    facts(folder)
    store.tell("clean")
    assert same_rows(store, folder) == left


def while_writing(store, folder):
    """Counts never shrink, and each answer is one snapshot: rows as many as distinct numbers."""
    store.send("churn 8")
    done = threading.Event()
    threading.Thread(target=lambda: (store.answer(), done.set()), daemon=True).start()
    n_reads, last = 0, 0
    while not done.is_set():
        connection = connect(folder)
        rows, distinct = one(connection, "SELECT count(*), count(DISTINCT _row) FROM lake.churn.predictions")
        connection.close()
        assert rows == distinct and rows >= last, (rows, distinct, last)
        n_reads, last = n_reads + 1, rows
    store.tell("flush")
    same_rows(store, folder)
    return n_reads


def duckdb_writes(store, folder):
    """DuckDB may write too: it knows the catalog as its own, and our writer goes on after it."""
    connection = connect(folder, read_only=False)
    before = one(connection, "SELECT count(*) FROM lake.churn.predictions")[0]
    connection.execute("CALL ducklake_merge_adjacent_files('lake')")
    connection.execute(
        "INSERT INTO lake.churn.predictions BY NAME SELECT 'x' AS prediction_id,"
        " TIMESTAMPTZ '2026-01-05 00:00:00+00' AS timestamp, DATE '2026-01-05' AS _day"
    )
    connection.execute("SELECT changes::VARCHAR FROM ducklake_snapshots('lake')").fetchall()
    connection.close()
    assert same_rows(store, folder) == before + 1
    store.tell("append churn predictions 10")
    store.tell("flush")
    assert same_rows(store, folder) == before + 11


def main():
    binary = sys.argv[1]
    with tempfile.TemporaryDirectory() as scratch:
        folder = str(pathlib.Path(scratch) / "store")
        store = Store(binary, folder)
        store.tell("append other targets 50")
        print("compaction:", schema_and_compaction(store, folder))
        retention(store, folder)
        print("reads while writing:", while_writing(store, folder))
        assert same_rows(store, folder, "other", "targets") == 50
        duckdb_writes(store, folder)
        store.close()
    print("DuckDB", duckdb.__version__, "reads the same rows")


if __name__ == "__main__":
    main()
