//! Words that only the page needs. `{n}` and the like are places; `one|many` is chosen by `n`.

use serde::Serialize;

use crate::report::texts::Lang;

macro_rules! page_labels {
    ($($key:ident: $en:literal, $zh:literal;)*) => {
        /// Every label, under the key by which the scripts ask for it.
        #[derive(Debug, Clone, Copy, Serialize)]
        pub(super) struct PageLabels {
            $(pub(super) $key: &'static str,)*
        }

        static ENGLISH: PageLabels = PageLabels { $($key: $en,)* };
        static CHINESE: PageLabels = PageLabels { $($key: $zh,)* };

        /// Keys, in order.
        #[cfg(test)]
        pub(super) const KEYS: &[&str] = &[$(stringify!($key)),*];
    };
}

/// The labels of a language.
pub(super) fn of(lang: Lang) -> &'static PageLabels {
    match lang {
        Lang::En => &ENGLISH,
        Lang::ZhCn => &CHINESE,
    }
}

page_labels! {
    alike_at: "All are alike at {n}.", "各组完全一致时为 {n}。";
    all_windows: "All windows", "全部窗口";
    all_rows: "All rows", "全部行";
    and_more: "and {n} more", "另有 {n} 个";
    approximate: "Distributions were sketched: values are approximate, the JSON results state the error bounds.",
        "分布由概要（sketch）得出：数值为近似值，误差上界见 JSON 结果。";
    average_is: "{name} average", "{name} 平均";
    by_segment: "By segment and version, {window}", "按分组和版本，{window}";
    by_window: "Alerts and warnings by window", "各窗口的警报与警告";
    calibration: "Calibration", "校准";
    check: "Check", "检查";
    class: "Class", "类别";
    class_is: "class {name}", "类别 {name}";
    curve_values: "Values of the curves", "曲线数值";
    curves: "Curves", "曲线";
    curves_all_rows: "They are of all rows and do not follow the chosen segment.", "曲线针对全部行，不随所选分组变化。";
    curves_lead: "What each threshold would do, and whether scores are probabilities. Rings mark the decisions in force.",
        "各阈值的效果，以及分数是否为概率。圆环标出现行判定所在的位置。";
    constant_is: "a constant prediction: {n}", "恒定预测：{n}";
    column: "Column", "列";
    columns: "Columns", "列";
    columns_without_fault: "{n} of {of} columns without a fault", "{of} 列中有 {n} 列没有问题";
    comma: ", ", "、";
    concerns: "Concerns", "涉及";
    confusion: "Confusion matrix", "混淆矩阵";
    confusion_lead: "Rows are targets, columns predictions; shares are of each target's rows.",
        "行为真实值，列为预测值；占比按每个真实值的行数计算。";
    corrected: "corrected", "校正后";
    current: "Current", "当前数据";
    dark_mode: "Dark", "深色";
    data_only: "Data only", "仅数据";
    decisions: "Decisions", "判定次数";
    details: "Details", "详情";
    distribution_all_rows: "Distributions and tests below are of all rows.", "以下分布与检验针对全部行。";
    drift: "Drift", "漂移";
    drift_all_rows: "Drift was judged on all rows; this map does not follow the chosen segment.",
        "漂移按全部行判定；此图不随所选分组变化。";
    drift_lead: "How far each column lies from the reference, by window: the statistic that decides, columns with the strongest change first. Choose a cell to see its distribution.",
        "各列在每个窗口中与参考数据的偏离程度：显示用于判定的统计量，变化最大的列在前。选择一格可查看其分布。";
    empty_text: "(empty text)", "（空文本）";
    fault_mark: "fault of the data", "数据问题";
    estimates: "Estimated without targets", "无真实值时的估计";
    estimates_lead: "How well the model can be expected to do where targets have not come. This cannot see that the relation of inputs and target changed.",
        "在真实值到达之前估计的模型表现；无法察觉输入与真实值之间关系的改变。";
    fpr: "False positive rate", "假阳性率";
    find_column: "Find a column", "查找列";
    findings: "Findings", "发现";
    findings_lead: "Worst first. Pictures mark or show the worst window.", "最严重者在前。图中标出或展示最严重的窗口。";
    findings_parts: "In {n} segment or version|In segments and versions ({n})", "分组与版本中（{n}）";
    groups: "Groups", "各组公平性";
    groups_lead: "Whether the groups of a protected column are treated alike. Intervals hold for all pairs of groups together.",
        "受保护属性的各组是否得到同等对待。区间对所有组对同时成立。";
    guessed: "Guessed from names", "根据列名推断";
    heat_caption: "Size of drift by column and window", "各列在各窗口中的漂移幅度";
    heat_near: "near the limit, or not significant", "接近界限，或不显著";
    heat_small: "no change", "无变化";
    highest: "Highest", "最高";
    interval_95: "value with 95 % interval", "数值及 95 % 区间";
    json_has_all: "Every result with full precision: keepwell check --json FILE.", "完整精度的全部结果：keepwell check --json FILE。";
    language: "Language", "语言";
    light_mode: "Light", "浅色";
    limit: "Limit", "界限";
    limit_is: "limit {limit}", "界限 {limit}";
    lowest: "Lowest", "最低";
    made_by: "Made by", "生成工具";
    mean_score: "Mean score", "平均分数";
    measure: "Measure", "度量";
    missing: "missing", "缺失";
    model: "Model", "模型";
    more_metrics: "{n} further metric, without a verdict|{n} further metrics, without a verdict", "另有 {n} 个指标，不作判定";
    no: "no", "否";
    no_calibration: "Scores outside of 0–1 are no probabilities.", "分数超出 0–1，不是概率。";
    no_curve: "No curve in this window: it needs scores, and targets of this class and of others.",
        "此窗口没有曲线：需要分数，以及该类别与其他类别的真实值。";
    no_column_found: "No column has such a name.", "没有符合该名称的列。";
    no_matrix: "No row has both a target and a prediction.", "没有同时具有真实值和预测的行。";
    no_metrics_here: "No metric was computed for this choice.", "此选择下没有计算任何指标。";
    no_script: "This report needs JavaScript, which is switched off.", "此报告需要 JavaScript，但它已被禁用。";
    no_picture: "This column has no distribution to draw.", "此列没有可绘制的分布。";
    not_computed: "Not judged", "未判定";
    not_computed_lead: "Undefined is an answer with a reason. It counts neither as good nor as bad.",
        "未定义也是一种带有原因的结果，既不算正常，也不算异常。";
    not_decided: "shown for comparison", "仅供参考";
    note: "Note", "说明";
    nothing_decided: "Nothing could be judged; the reasons stand under Details.", "没有任何内容可以判定；原因见“详情”。";
    nothing_found: "Nothing changed that is both significant and large enough to matter.", "没有既显著又足够大的变化。";
    omitted: "To keep this file small, it leaves out {list}. The JSON results (--json) have everything.",
        "为控制文件大小，本页省略了：{list}。JSON 结果（--json）包含全部内容。";
    omitted_columns: "{n} column with the least change|{n} columns with the least change", "变化最小的 {n} 列";
    omitted_curves: "curves of {n} window and class|curves of {n} windows and classes", "{n} 组窗口与类别的曲线";
    omitted_findings: "{n} minor finding|{n} minor findings", "{n} 个次要发现";
    omitted_heat: "drift by segment of {n} column|drift by segment of {n} columns", "{n} 列的分组漂移";
    omitted_metrics: "{n} further reading of metrics|{n} further readings of metrics", "{n} 个其他指标数值";
    omitted_p_values: "p-values of {n} statistic|p-values of {n} statistics", "{n} 个统计量的 p 值";
    omitted_pictures: "some distributions of {n} column|some distributions of {n} columns", "{n} 列的部分分布";
    omitted_scopes: "{n} segment|{n} segments", "{n} 个分组";
    omitted_tests: "further statistics of {n} column|further statistics of {n} columns", "{n} 列的其他统计量";
    omitted_windows: "{n} earlier window|{n} earlier windows", "较早的 {n} 个窗口";
    other: "other", "其他";
    others_together: "and {n} more, taken together", "其余 {n} 个合并";
    overall: "Overall", "总体";
    p_corrected: "p, corrected", "校正后 p 值";
    p_value: "p-value", "p 值";
    performance: "Performance", "模型表现";
    performance_lead: "How well predictions agree with targets. Gaps are windows where a metric is undefined; hover or use the arrow keys for exact numbers.",
        "预测与真实值的一致程度。空缺表示该窗口的指标未定义；悬停或使用方向键查看精确数值。";
    picture_omitted: "The distribution of this window was left out to keep the file small.", "为控制文件大小，此窗口的分布已省略。";
    positive: "Positive class", "正类";
    positive_is: "positive class {name}", "正类 {name}";
    precision: "Precision", "精确率";
    precision_recall: "Precision and recall", "精确率与召回率";
    provisional: "provisional", "暂定";
    provisional_long: "Provisional: targets are still missing.", "暂定：真实值尚不完整。";
    quality: "Data quality", "数据质量";
    quality_lead: "Faults of the data themselves, each at its worst window.", "数据本身的问题，各取最严重的窗口。";
    reading: "Reading", "口径";
    recall: "Recall", "召回率";
    reason: "Reason", "原因";
    reference: "Reference", "参考数据";
    reference_interval: "reference with 95 % interval", "参考值及 95 % 区间";
    roc: "ROC curve", "ROC 曲线";
    rows: "Rows", "行数";
    rows_n: "row|rows", "行";
    rule: "Rule", "规则";
    run_facts: "This run", "本次运行";
    sections: "Sections", "章节";
    score: "Score", "分数";
    see_column: "See the column", "查看该列";
    see_groups: "See the groups", "查看各组";
    see_performance: "See performance", "查看模型表现";
    see_whole: "See rows and series", "查看整行与序列";
    segment: "Segment", "分组";
    segments_of: "Segments by {column}", "{column} 的分组";
    share_of_class: "Share of the class", "该类占比";
    share_of_rows: "Shares of all rows of the window. Bins come from the reference; bins at the ends and for missing values stand apart.",
        "占窗口全部行的比例。分箱取自参考数据；两端与缺失值单独列出。";
    show_more: "Show {n} more of {all}", "再显示 {n} 个，共 {all} 个";
    size_to_limit: "Size; the line is the limit", "幅度；竖线为界限";
    statistic: "Statistic", "统计量";
    target_by_prediction: "target \\ prediction", "真实值 \\ 预测";
    targets: "Targets", "真实值数";
    task: "Task", "任务";
    threshold: "Threshold", "阈值";
    undefined: "Undefined", "未定义";
    value: "Value", "数值";
    verdict: "Verdict", "判定";
    whole: "Rows and series", "整行与序列";
    whole_lead: "What no column shows by itself: rows as wholes, and series of windows that did not go on as they were. Each at its worst window.",
        "单独一列看不出的变化：整行数据，以及未按原样延续的窗口序列。各取最严重的窗口。";
    whole_more: "{n} further, without a finding", "另有 {n} 项，无异常";
    version_is: "version {version}", "版本 {version}";
    versions: "Versions", "版本";
    window: "Window", "窗口";
    windows_hit: "Windows", "窗口数";
    worst_value: "Worst value", "最差值";
    worst_window: "Worst window", "最差窗口";
    yes: "yes", "是";
}
