"""Makes bike-sharing.parquet: hourly bike rentals of 2011 as a model in service would have logged them.

One regressor, trained on the first months of the year, predicts the rentals of each later hour.
"""

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.metrics import mean_absolute_error, r2_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

IN_SERVICE_FROM = pd.Timestamp("2011-05-01T00:00:00Z")
SEED = 2011

CATEGORICAL = ["weekday", "weather"]
NUMERIC = ["hour", "temp", "feels_like", "humidity", "wind_speed"]
BOOLEAN = ["holiday", "working_day"]
FEATURES = CATEGORICAL + NUMERIC + BOOLEAN

WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]  # the source counts from Sunday = 0


def read():
    """Reads the Bikeshare table by path: importing ISLP would need torch."""
    folder = importlib.util.find_spec("ISLP").submodule_search_locations[0]
    return pd.read_csv(Path(folder, "data", "Bikeshare.csv"))


def load():
    """Returns every hour of the source with its time, its rentals and its features.

    The rentals of casual and of registered riders are left out: their sum is the target.
    """
    source = read()
    day = pd.to_timedelta(source["day"] - 1, unit="D")
    hour = pd.to_timedelta(source["hr"], unit="h")
    hours = pd.DataFrame(
        {
            "timestamp": (pd.Timestamp("2011-01-01T00:00:00Z") + day + hour).astype("datetime64[us, UTC]"),
            "bikers": source["bikers"],
            "weekday": source["weekday"].map(dict(enumerate(WEEKDAYS))),
            "weather": source["weathersit"],
            "hour": source["hr"],
            "temp": source["temp"],
            "feels_like": source["atemp"],
            "humidity": source["hum"],
            "wind_speed": source["windspeed"],
            "holiday": source["holiday"] == 1,
            "working_day": source["workingday"] == 1,
        }
    )
    # The source states the weekday too, which proves that its day 1 is 1 January 2011.
    assert (hours["timestamp"].dt.strftime("%a") == hours["weekday"]).all()
    assert hours["timestamp"].is_unique and hours["timestamp"].is_monotonic_increasing
    return hours


def regressor():
    """Returns the untrained pipeline; the Poisson loss suits counts and cannot predict below zero."""
    encode = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan)
    trees = HistGradientBoostingRegressor(
        loss="poisson",
        categorical_features=list(range(len(CATEGORICAL))),
        learning_rate=0.05,
        max_iter=200,
        max_leaf_nodes=15,
        early_stopping=False,
        random_state=SEED,
    )
    return make_pipeline(make_column_transformer((encode, CATEGORICAL), remainder="passthrough"), trees)


def print_growth(past, log):
    """Prints, for the last months, the mean of the same hours of the training months.

    Same means: the same hour of the day, kind of day, weather, and temperature to a tenth of its
    scale. What differs then is not the features but how many people ride.
    """
    same = ["hour", "working_day", "weather", "tenth"]
    past, log = (part.assign(tenth=(part["temp"] * 10).astype(int)) for part in (past, log))
    before = past.groupby(same)["bikers"].mean().rename("before")
    matched = log.merge(before, left_on=same, right_index=True)
    print("| month | hours with a match | bikers, mean | in January to April, mean |")
    for month, part in matched[matched["timestamp"] >= "2011-10-01"].groupby(matched["timestamp"].dt.strftime("%Y-%m")):
        print(f"| {month} | {len(part)} | {part['bikers'].mean():.1f} | {part['before'].mean():.1f} |")


def main():
    hours = load()
    is_past = hours["timestamp"] < IN_SERVICE_FROM
    past, log = hours[is_past], hours[~is_past].copy()
    model = regressor().fit(past[FEATURES], past["bikers"])
    log["prediction"] = model.predict(log[FEATURES]).round(2)

    print("| month | hours | bikers, mean | predicted, mean | mean absolute error | R² |")
    for month, part in log.groupby(log["timestamp"].dt.strftime("%Y-%m")):
        true, predicted = part["bikers"], part["prediction"]
        print(
            f"| {month} | {len(part)} | {true.mean():.1f} | {predicted.mean():.1f}"
            f" | {mean_absolute_error(true, predicted):.1f} | {r2_score(true, predicted):.3f} |"
        )

    print_growth(past, log)

    fields = [
        ("timestamp", pa.timestamp("us", tz="UTC")),
        ("prediction", pa.float64()),
        ("bikers", pa.int16()),
        *((c, pa.string()) for c in CATEGORICAL),
        *((c, pa.int8() if c == "hour" else pa.float64()) for c in NUMERIC),
        *((c, pa.bool_()) for c in BOOLEAN),
    ]
    columns = [pa.Array.from_pandas(log[name], type=kind, safe=True) for name, kind in fields]
    table = pa.table(columns, schema=pa.schema(fields))
    path = Path(__file__).with_name("bike-sharing.parquet")
    pq.write_table(table, path, compression="zstd", compression_level=19)
    print(f"{path.name}: {table.num_rows} rows, {table.num_columns} columns, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
