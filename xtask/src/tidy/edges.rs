//! Which crate may depend on which, and who alone owns a heavy package.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Problem;

/// Crates that only tests may use, as a dev-dependency; this needs no edge.
const FOR_TESTS: [&str; 1] = ["keepwell-testkit"];

/// Problems in what `cargo metadata --no-deps` says.
fn problems(metadata: &Value) -> Vec<Problem> {
    let layers = &metadata["metadata"]["layers"];
    let owners = &metadata["metadata"]["owners"];
    let packages = metadata["packages"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    let members: BTreeSet<&str> = packages
        .iter()
        .map(|package| text(&package["name"]))
        .collect();
    let mut problems = Vec::new();
    let mut add = |message: String| problems.push(Problem::new("Cargo.toml", 0, message));

    for package in packages {
        let name = text(&package["name"]);
        let Some(allowed) = layers[name].as_array() else {
            add(format!(
                "`{name}` has no line in [workspace.metadata.layers]: add it with what it may depend on"
            ));
            continue;
        };
        for dependency in package["dependencies"]
            .as_array()
            .map_or(&[][..], Vec::as_slice)
        {
            let other = text(&dependency["name"]);
            let is_for_tests = text(&dependency["kind"]) == "dev";
            let is_allowed = allowed.iter().any(|edge| edge == other)
                || is_for_tests && (FOR_TESTS.contains(&other) || other == name);
            if members.contains(other) && !is_allowed {
                add(format!(
                    "`{name}` depends on `{other}`, which is no edge of [workspace.metadata.layers]: move the code, \
                     or write a decision under docs/adr/ and add the edge"
                ));
            }
            if let Some(owner) = owners[other].as_str()
                && owner != name
            {
                add(format!(
                    "`{name}` depends on `{other}`, which only `{owner}` may name: use what `{owner}` offers"
                ));
            }
        }
    }
    for table in [layers, owners] {
        for (key, value) in table.as_object().into_iter().flatten() {
            let names = match value {
                Value::String(owner) => vec![owner.as_str()],
                edges => {
                    let edges = edges.as_array().map_or(&[][..], Vec::as_slice);
                    edges.iter().map(text).chain([key.as_str()]).collect()
                }
            };
            for name in names.into_iter().filter(|name| !members.contains(name)) {
                add(format!(
                    "[workspace.metadata] names `{name}`, which is no crate of ours: remove it"
                ));
            }
        }
    }
    problems
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::assert_none;
    use super::*;
    use crate::process::{cargo, output};

    #[test]
    fn crates_depend_on_lower_crates_only() {
        let metadata = output(cargo().args([
            "metadata",
            "--no-deps",
            "--offline",
            "--format-version",
            "1",
        ]))
        .expect("cargo metadata reads the manifests");
        let metadata = serde_json::from_slice(&metadata).expect("JSON");
        assert_none(problems(&metadata));
    }

    #[test]
    fn canary() {
        let metadata = |kind: Value, other: &str| {
            json!({
                "metadata": {"layers": {"core": [], "app": ["core"]}, "owners": {"clap": "app"}},
                "packages": [
                    {"name": "core", "dependencies": [{"name": other, "kind": kind}]},
                    {"name": "app", "dependencies": [{"name": "core", "kind": null}, {"name": "clap", "kind": null}]},
                ],
            })
        };
        assert_eq!(problems(&metadata(Value::Null, "serde")), []);
        assert!(
            problems(&metadata(Value::Null, "app"))[0]
                .message
                .contains("`core` depends on `app`")
        );
        assert_eq!(problems(&metadata(json!("dev"), "app")).len(), 1);
        assert!(
            problems(&metadata(Value::Null, "clap"))[0]
                .message
                .contains("only `app`")
        );

        let mut unknown = metadata(Value::Null, "serde");
        unknown["metadata"]["layers"]["core"] = json!(["gone"]);
        assert!(problems(&unknown)[0].message.contains("`gone`"));
        unknown["metadata"]["layers"] = json!({"app": ["core"]});
        assert!(problems(&unknown)[0].message.contains("no line"));
    }
}
