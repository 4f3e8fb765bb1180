//! Names of catalog entries, in English.

/// The name of a catalog entry; `None` for one without a name of its own, which goes by its identifier.
pub(super) fn of(id: &str) -> Option<&'static str> {
    metric(id)
        .or_else(|| of_task(id))
        .or_else(|| drift(id))
        .or_else(|| quality(id))
        .or_else(|| fairness(id))
        .or_else(|| series(id))
}

/// Metrics of classifiers and of numbers.
fn metric(id: &str) -> Option<&'static str> {
    Some(match id {
        "average_precision" => "average precision",
        "brier_score" => "Brier score",
        "cohen_kappa" => "Cohen's kappa",
        "expected_calibration_error" => "calibration error",
        "f1" => "F1",
        "f_beta" => "F-beta",
        "fnr" => "false negative rate",
        "fpr" => "false positive rate",
        "jaccard" => "Jaccard index",
        "mcc" => "Matthews correlation",
        "npv" => "negative predictive value",
        "roc_auc" => "ROC AUC",
        "top_k_accuracy" => "top-k accuracy",
        "hamming_loss" => "Hamming loss",
        "mae" => "MAE",
        "mape" => "MAPE",
        "max_error" => "greatest error",
        "mean_error" => "mean error",
        "median_absolute_error" => "median absolute error",
        "mse" => "MSE",
        "msle" => "MSLE",
        "r2" => "R²",
        "rmse" => "RMSE",
        "rmsle" => "RMSLE",
        "smape" => "SMAPE",
        _ => return None,
    })
}

/// Metrics of rankings, texts and detections, and the estimator.
fn of_task(id: &str) -> Option<&'static str> {
    Some(match id {
        "f1_at_k" => "F1@k",
        "map_at_k" => "MAP@k",
        "mrr" => "MRR",
        "ndcg_at_k" => "NDCG@k",
        "precision_at_k" => "precision@k",
        "recall_at_k" => "recall@k",
        "bleu" => "BLEU",
        "chrf" => "chrF",
        "rouge" => "ROUGE",
        "token_f1" => "token F1",
        "wer" => "word error rate",
        "iou" => "IoU",
        "map" => "mAP",
        "cbpe" => "CBPE",
        "dle" => "DLE",
        "ecod" => "ECOD",
        "mahalanobis" => "Mahalanobis distance",
        _ => return None,
    })
}

fn drift(id: &str) -> Option<&'static str> {
    Some(match id {
        "anderson_darling" => "Anderson–Darling",
        "chi_squared" => "chi-squared",
        "cramer_von_mises" => "Cramér–von Mises",
        "epps_singleton" => "Epps–Singleton",
        "fisher_exact" => "Fisher's exact test",
        "g_test" => "G-test",
        "hellinger" => "Hellinger",
        "jensen_shannon" => "Jensen–Shannon",
        "kl_divergence" => "KL divergence",
        "ks" => "KS",
        "kuiper" => "Kuiper",
        "l_infinity" => "L-infinity",
        "mann_whitney" => "Mann–Whitney",
        "mmd" => "MMD",
        "mmd_multivariate" => "MMD of all columns",
        "psi" => "PSI",
        "t_test" => "t-test",
        "wasserstein" => "Wasserstein",
        "pca_reconstruction_error" => "PCA reconstruction error",
        _ => return None,
    })
}

/// Checks of columns and of tables.
fn quality(id: &str) -> Option<&'static str> {
    Some(match id {
        "constant" => "constancy",
        "implausible_time" => "implausible times",
        "infinite" => "infinite values",
        "missing" => "missing values",
        "out_of_range" => "range",
        "scale_change" => "unit",
        "truncated_time" => "whole hours",
        "type_change" => "type",
        "type_violation" => "unreadable values",
        "unseen_category" => "unseen categories",
        _ => return None,
    })
}

fn fairness(id: &str) -> Option<&'static str> {
    Some(match id {
        "demographic_parity_difference" => "demographic parity gap",
        "demographic_parity_ratio" => "demographic parity ratio",
        "equal_opportunity_difference" => "equal opportunity gap",
        "equalized_odds_difference" => "equalized odds gap",
        "equalized_odds_ratio" => "equalized odds ratio",
        "predictive_parity_difference" => "predictive parity gap",
        _ => return None,
    })
}

/// Detectors and anomalies of series.
fn series(id: &str) -> Option<&'static str> {
    Some(match id {
        "adwin" => "ADWIN",
        "cusum" => "CUSUM",
        "ddm" => "DDM",
        "eddm" => "EDDM",
        "ewma" => "EWMA",
        "hddm_a" => "HDDM-A",
        "hddm_w" => "HDDM-W",
        "kswin" => "KSWIN",
        "page_hinkley" => "Page–Hinkley",
        "robust_z" => "robust z-score",
        _ => return None,
    })
}
