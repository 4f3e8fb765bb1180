//! Columns of images, declared by a flag or in a spec.

use serde_json::Value;
use tempfile::TempDir;

use crate::command::{keepwell, root, stderr};

#[test]
fn a_column_of_images_is_judged_by_what_describes_them() {
    let folder = TempDir::new().expect("a temporary folder");
    let images = root().join("crates/keepwell-engine/tests/images");
    let table = |name: &str, rows: &[(&str, usize)]| {
        let mut text = "photo,x\n".to_owned();
        for (image, n) in rows {
            let image = images.join(image).display().to_string();
            text.push_str(&format!("{image},1\n").repeat(*n));
        }
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("the folder is writable");
        path.display().to_string()
    };
    // A path that is too long to be shown whole is known by its end.
    let missing = format!("{}/no.png", "f".repeat(100));
    let reference = table("a.csv", &[("colours.png", 40), ("subsampled.jpg", 40)]);
    let current = table(
        "b.csv",
        &[("one_bit.png", 40), ("colours.png", 39), (&missing, 1)],
    );
    let spec = folder.path().join("m.yaml");
    std::fs::write(&spec, "columns: {kinds: {photo: image}}\n").expect("the folder is writable");
    let spec = spec.display().to_string();
    let json = folder.path().join("r.json").display().to_string();
    for kind in [["--spec", &spec], ["--kind", "photo=image"]] {
        let mut arguments = vec!["check", "--reference", &reference, "--current", &current];
        arguments.extend(["--quiet", "--json", &json]);
        arguments.extend(kind);
        let output = keepwell(arguments);
        assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
        let text = std::fs::read_to_string(&json).expect("a report");
        let report: Value = serde_json::from_str(&text).expect("JSON");
        let verdict = |column: &str| {
            let mut rows = report["results"].as_array().expect("rows").iter();
            let row = rows.find(|row| row["column"] == column && row["name"] == "ks");
            row.expect("a row")["verdict"].clone()
        };
        assert_eq!(verdict("photo.sharpness"), "alert");
        assert_eq!(verdict("photo.saturation"), "alert");
        assert_eq!(verdict("photo.aspect_ratio"), "ok");
        let notes = report["notes"].to_string();
        assert!(
            notes.contains("1 of 80 images of column `photo`"),
            "{notes}"
        );
        assert!(notes.contains("no.png` (there is no such file)"), "{notes}");
    }
}
