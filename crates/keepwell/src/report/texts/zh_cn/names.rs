//! Names of catalog entries, in Simplified Chinese.

/// The name of a catalog entry; `None` for one without a name of its own, which goes by its identifier.
pub(super) fn of(id: &str) -> Option<&'static str> {
    classification(id)
        .or_else(|| regression(id))
        .or_else(|| ranking(id))
        .or_else(|| text_and_detection(id))
        .or_else(|| drift(id))
        .or_else(|| quality(id))
        .or_else(|| fairness(id))
        .or_else(|| series(id))
}

fn classification(id: &str) -> Option<&'static str> {
    Some(match id {
        "accuracy" => "准确率",
        "average_precision" => "平均精确率",
        "balanced_accuracy" => "平衡准确率",
        "brier_score" => "Brier 分数",
        "business_value" => "业务价值",
        "cohen_kappa" => "Cohen 卡帕系数",
        "confusion_matrix" => "混淆矩阵",
        "expected_calibration_error" => "校准误差",
        "f1" => "F1",
        "f_beta" => "F-beta",
        "fnr" => "假阴性率",
        "fpr" => "假阳性率",
        "jaccard" => "Jaccard 系数",
        "log_loss" => "对数损失",
        "mcc" => "马修斯相关系数",
        "npv" => "阴性预测值",
        "precision" => "精确率",
        "recall" => "召回率",
        "roc_auc" => "ROC AUC",
        "specificity" => "特异度",
        "top_k_accuracy" => "top-k 准确率",
        "hamming_loss" => "汉明损失",
        "subset_accuracy" => "子集准确率",
        "cbpe" => "CBPE",
        "dle" => "DLE",
        "ecod" => "ECOD",
        "isolation_forest" => "孤立森林",
        "mahalanobis" => "马氏距离",
        _ => return None,
    })
}

fn regression(id: &str) -> Option<&'static str> {
    Some(match id {
        "explained_variance" => "解释方差",
        "mae" => "MAE",
        "mape" => "MAPE",
        "max_error" => "最大误差",
        "mean_error" => "平均误差",
        "median_absolute_error" => "绝对误差中位数",
        "mse" => "MSE",
        "msle" => "MSLE",
        "pinball_loss" => "分位数损失",
        "r2" => "R²",
        "rmse" => "RMSE",
        "rmsle" => "RMSLE",
        "smape" => "SMAPE",
        _ => return None,
    })
}

fn ranking(id: &str) -> Option<&'static str> {
    Some(match id {
        "f1_at_k" => "F1@k",
        "hit_rate" => "命中率",
        "intra_list_diversity" => "列表内多样性",
        "item_coverage" => "物品覆盖率",
        "map_at_k" => "MAP@k",
        "mrr" => "MRR",
        "ndcg_at_k" => "NDCG@k",
        "novelty" => "新颖度",
        "personalization" => "个性化程度",
        "popularity_bias" => "流行度偏差",
        "precision_at_k" => "精确率@k",
        "recall_at_k" => "召回率@k",
        "serendipity" => "惊喜度",
        _ => return None,
    })
}

fn text_and_detection(id: &str) -> Option<&'static str> {
    Some(match id {
        "bleu" => "BLEU",
        "chrf" => "chrF",
        "exact_match" => "完全匹配率",
        "rouge" => "ROUGE",
        "token_f1" => "词元 F1",
        "wer" => "词错误率",
        "detection_precision" => "检测精确率",
        "detection_recall" => "检测召回率",
        "iou" => "IoU",
        "map" => "mAP",
        _ => return None,
    })
}

fn drift(id: &str) -> Option<&'static str> {
    Some(match id {
        "anderson_darling" => "Anderson–Darling",
        "chi_squared" => "卡方",
        "cramer_von_mises" => "Cramér–von Mises",
        "domain_classifier" => "域分类器",
        "text_domain_classifier" => "文本域分类器",
        "embedding_shift" => "嵌入偏移",
        "energy_distance" => "能量距离",
        "epps_singleton" => "Epps–Singleton",
        "fisher_exact" => "Fisher 精确检验",
        "g_test" => "G 检验",
        "hellinger" => "Hellinger 距离",
        "jensen_shannon" => "Jensen–Shannon 距离",
        "kl_divergence" => "KL 散度",
        "ks" => "KS",
        "kuiper" => "Kuiper",
        "l_infinity" => "L∞ 距离",
        "mann_whitney" => "Mann–Whitney",
        "mmd" => "MMD",
        "mmd_multivariate" => "多列 MMD",
        "pca_reconstruction_error" => "PCA 重构误差",
        "psi" => "PSI",
        "t_test" => "t 检验",
        "text_length" => "文本长度",
        "total_variation" => "全变差距离",
        "unknown_words" => "未知词",
        "vocabulary" => "词汇",
        "wasserstein" => "Wasserstein 距离",
        _ => return None,
    })
}

/// Checks of columns and of tables.
fn quality(id: &str) -> Option<&'static str> {
    Some(match id {
        "constant" => "恒定值",
        "implausible_time" => "不合理的时间",
        "infinite" => "无穷大",
        "missing" => "缺失值",
        "out_of_range" => "取值范围",
        "scale_change" => "单位",
        "truncated_time" => "整点时间",
        "type_change" => "类型",
        "type_violation" => "无法读取的值",
        "unseen_category" => "新类别",
        "correlation_break" => "相关性改变",
        "duplicate_ids" => "重复的编号",
        "duplicate_rows" => "重复的行",
        "schema_change" => "列的增减",
        "serving_skew" => "训练与服务不一致",
        "swapped_columns" => "列互换",
        "target_leakage" => "真实值泄漏",
        _ => return None,
    })
}

fn fairness(id: &str) -> Option<&'static str> {
    Some(match id {
        "demographic_parity_difference" => "人口统计均等（差）",
        "demographic_parity_ratio" => "人口统计均等（比）",
        "disparate_impact" => "差别影响",
        "equal_opportunity_difference" => "机会均等（差）",
        "equalized_odds_difference" => "均等几率（差）",
        "equalized_odds_ratio" => "均等几率（比）",
        "predictive_parity_difference" => "预测均等（差）",
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
        "change_points" => "变点",
        "robust_z" => "稳健 z 分数",
        "seasonal_residual" => "季节残差",
        _ => return None,
    })
}
