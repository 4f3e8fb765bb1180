//! `keepwell catalog` lists what there is.

use crate::command::{keepwell, stderr, stdout};

#[test]
fn every_family_is_listed_with_documentation_and_parameters() {
    let output = keepwell(["catalog", "--json"]);
    assert!(output.status.success());
    let catalog: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let families = catalog.as_array().expect("a list");
    assert_eq!(families.len(), keepwell_stats::families().len());
    for family in families {
        for entry in family["entries"].as_array().expect("a list") {
            assert!(
                entry["doc"]
                    .as_str()
                    .is_some_and(|doc| doc.contains("# Reference")),
                "{entry}"
            );
        }
    }
    let text = stdout(&keepwell(["catalog"]));
    for id in [
        "roc_auc",
        "rmse",
        "ndcg_at_k",
        "ks",
        "unseen_category",
        "adwin",
        "cbpe",
        "holm",
    ] {
        assert!(text.contains(&format!("  {id} ")), "{id}");
    }
}

#[test]
fn one_entry_is_printed_in_full_and_an_unknown_one_is_refused() {
    let text = stdout(&keepwell(["catalog", "psi"]));
    assert!(text.contains("parameter n_bins (default 10)"), "{text}");
    let output = keepwell(["catalog", "nope"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("`nope`"));
}
