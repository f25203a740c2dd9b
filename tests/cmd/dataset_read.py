# Data sets in every format, as pandas, NumPy, pyarrow and DuckDB read them, against the
# store itself as sqlite3 reads it. Prints TAP lines without numbers; the first argument
# says which reader to try: it exits with 77 where that is not installed.
import json
import sqlite3
import sys

reader, folder = sys.argv[1:3]
METRICS = ["loss", "elapsed"]


def ok(name, good, about=""):
    print(("ok" if good else "not ok") + " - %s: %s" % (reader, name))
    if not good:
        print("# " + str(about))


def stored():
    """The distinct trials of both stores in order, by the store's own view."""
    rows, seen = [], set()
    for name in "a.db", "b.db":
        db = sqlite3.connect("%s/%s" % (folder, name))
        db.row_factory = sqlite3.Row
        (table,) = db.execute("SELECT table_name FROM tables").fetchone()
        params = [r[0] for r in db.execute(
            "SELECT column_name FROM columns WHERE role = 'parameter' ORDER BY position")]
        for r in db.execute("SELECT * FROM %s_trials" % table):
            key = tuple(r[p] for p in params) + (r["fidelity"], r["evaluation_seed"])
            if key not in seen:
                seen.add(key)
                rows.append(dict(r))
    return params, rows


def same(a, b):
    return (a is None and (b is None or b != b)) or a == b


def compare(name, params, want, got):
    """`got` is a list of dictionaries; a seed is kept as a signed number in the store."""
    bad = None if len(want) == len(got) else "%d rows of %d" % (len(got), len(want))
    for w, g in zip(want, got):
        for column in params + METRICS + ["status", "agent", "number"]:
            if not same(w[column], g.get(column)):
                bad = bad or (column, w[column], g.get(column))
        if int(w["evaluation_seed"]) % 2**64 != int(g["evaluation_seed"]):
            bad = bad or ("evaluation_seed", w["evaluation_seed"], g["evaluation_seed"])
    ok(name, bad is None, bad)


def with_pandas():
    import pandas
    params, want = stored()
    csv = pandas.read_csv(folder + "/x.csv", float_precision="round_trip")
    compare("CSV", params, want, csv.to_dict("records"))
    lines = pandas.read_json(folder + "/x.jsonl", lines=True, precise_float=True,
                             dtype={"evaluation_seed": str})
    compare("JSON lines", params, want, lines.to_dict("records"))
    meta = json.load(open(folder + "/x.csv.meta.json"))
    units = {c["name"]: c.get("unit") for c in meta["columns"]}
    ok("units in the metadata", units["elapsed"] == "s", units)
    ok("its columns are the file's", [c["name"] for c in meta["columns"]] == list(csv))
    ok("rows that are not ok are there, without metrics",
       (csv[csv.status != "ok"]["loss"].isna()).all() and meta["counts"]["rows"] == len(csv))


def with_numpy():
    import numpy
    params, want = stored()
    x = numpy.load(folder + "/x.npz")
    names = list(x["design_names"])
    space = {p["name"]: p for p in json.loads(str(x["metadata"]))["space"]}

    def decode(name, value):
        if value != value:
            return None
        return space[name]["levels"][int(value)] if "levels" in space[name] else value

    rows = []
    for i in range(len(x["status"])):
        row = {n: decode(n, x["designs"][i, k]) for k, n in enumerate(names)}
        row.update({n: x["metrics"][i, k] for k, n in enumerate(x["metric_names"])})
        row.update(status=x["status_names"][x["status"][i]],
                   agent=x["agent_names"][x["agent"][i]], number=x["number"][i],
                   evaluation_seed=x["evaluation_seed"][i])
        rows.append(row)
    compare("NPZ", params, want, rows)
    ok("units", list(x["metric_units"])[METRICS.index("elapsed")] == "s")
    hot = numpy.load(folder + "/hot.npz")
    ok("one-hot columns are in [0, 1]",
       hot["designs"].min() >= 0 and hot["designs"].max() <= 1
       and hot["designs"].shape[1] == len(hot["design_names"]))
    e = numpy.load(folder + "/e.npz")
    ends = e["episode_start"] + e["episode_length"] - 1
    ok("episodes begin and end where they say",
       (numpy.flatnonzero(e["is_first"]) == e["episode_start"]).all()
       and (numpy.flatnonzero(e["is_last"]) == ends).all() and not e["is_terminal"].any())
    good = e["status"] == 0
    loss = e["metrics"][:, list(e["metric_names"]).index("loss")]
    ok("rewards are the objective's", (e["reward"][good] == -loss[good]).all())


def with_pyarrow():
    import pyarrow.parquet
    params, want = stored()
    table = pyarrow.parquet.read_table(folder + "/x.parquet")
    compare("Parquet", params, want, table.to_pylist())
    meta = json.loads(table.schema.metadata[b"archgym"])
    ok("metadata", meta["counts"]["rows"] == table.num_rows)
    ok("a seed of 64 bits", str(table.schema.field("evaluation_seed").type) == "uint64")


def with_duckdb():
    import duckdb
    params, want = stored()
    found = duckdb.sql("SELECT * FROM '%s/x.parquet'" % folder)
    rows = [dict(zip(found.columns, row)) for row in found.fetchall()]
    compare("Parquet", params, want, rows)


try:
    {"pandas": with_pandas, "numpy": with_numpy, "pyarrow": with_pyarrow,
     "duckdb": with_duckdb}[reader]()
except ImportError as missing:
    print(missing)
    sys.exit(77)
