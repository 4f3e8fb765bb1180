"""Classification metrics for each hour and region with Polars: `polars_run.py PREDICTIONS`."""

import sys

import polars as pl


def main(path):
    """Accuracy, precision, recall, F1 and exact ROC AUC of each cell; prints the number of cells."""
    is_true, is_yes = pl.col("target") == "yes", pl.col("prediction") == "yes"
    n_true, n_yes, n_hits = is_true.sum(), is_yes.sum(), (is_true & is_yes).sum()
    n_false = pl.len() - n_true
    # Mann and Whitney: ties count half, as average ranks make them do.
    rank_sum = pl.col("score").rank("average").filter(is_true).sum()
    cells = (
        pl.scan_parquet(path)
        .group_by(pl.col("timestamp").dt.truncate("1h"), "region")
        .agg(
            accuracy=(is_true == is_yes).mean(),
            precision=n_hits / n_yes,
            recall=n_hits / n_true,
            f1=2 * n_hits / (n_true + n_yes),
            roc_auc=(rank_sum - n_true * (n_true + 1) / 2) / (n_true * n_false),
        )
        .collect()
    )
    print(cells.height)


if __name__ == "__main__":
    main(*sys.argv[1:])
