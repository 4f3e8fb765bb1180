//! Generated files are what their generator writes today.

#[cfg(test)]
mod tests {
    use std::fs;

    use keepwell_stats::families;

    use crate::docs::stale;
    use crate::{root, target_dir};

    #[test]
    fn reference_pages_are_fresh() {
        let stale = stale(root()).expect("every family has a page");
        assert!(
            stale.is_empty(),
            "{}: run `cargo xtask docs`",
            stale.join(", ")
        );
    }

    #[test]
    fn the_readme_counts_the_catalog() {
        let n: usize = families().iter().map(|family| family.members.len()).sum();
        let readme = fs::read_to_string(root().join("README.md")).expect("the README is there");
        let expected = format!("The catalog has {n} entries");
        assert!(readme.contains(&expected), "README.md: write `{expected}`");
    }

    #[test]
    fn canary() {
        let copy = target_dir().join("tidy-canary");
        let pages = copy.join("docs/reference");
        fs::create_dir_all(&pages).expect("target/ is writable");
        for name in ["fairness.md", "gone.md"] {
            fs::write(pages.join(name), "# By hand").expect("target/ is writable");
        }
        let stale = stale(&copy).expect("every family has a page");
        for page in ["fairness.md", "drift.md", "gone.md"] {
            let path = format!("docs/reference/{page}");
            assert!(stale.contains(&path), "{path} is not in {stale:?}");
        }
    }
}
