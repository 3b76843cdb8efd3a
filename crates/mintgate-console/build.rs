//! Makes a table of the files in `console/dist/site`, which `make console` builds. Without them the table is empty and
//! the program says so in their place: `cargo build` alone needs no npm.
//!
//! `console/dist` itself is always there, so cargo can watch it: it runs this again when something in it changes.

use std::{
    env,
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
};

#[expect(clippy::disallowed_methods, reason = "cargo speaks to build scripts through the environment")]
fn main() -> io::Result<()> {
    let manifest = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo says where the crate is"));
    let watched = manifest.join("../../console/dist");
    println!("cargo::rerun-if-changed={}", watched.display());
    let site = watched.join("site");
    let mut files = Vec::new();
    if site.join("index.html").exists() {
        collect(&site, &site, &mut files)?;
    }
    files.sort();
    let mut table = String::from("&[\n");
    for file in files.iter().filter(|file| !is_variant(file, &files)) {
        let plain = include(&site, file);
        let [brotli, gzip] = ["br", "gz"].map(|end| {
            let variant = format!("{file}.{end}");
            if files.contains(&variant) {
                format!("Some({})", include(&site, &variant))
            } else {
                "None".to_owned()
            }
        });
        writeln!(table, "    File {{ path: {file:?}, plain: {plain}, brotli: {brotli}, gzip: {gzip} }},")
            .expect("a string takes any text");
    }
    table.push(']');
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo says where to write"));
    fs::write(out.join("files.rs"), table)
}

/// The files below `folder`, named relative to `root` with `/` between the parts.
fn collect(root: &Path, folder: &Path, files: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
        } else {
            let relative = path.strip_prefix(root).expect("it lies below the root");
            files.push(relative.to_str().expect("vite writes ASCII names").replace('\\', "/"));
        }
    }
    Ok(())
}

/// Whether a file is the compressed form of another one.
fn is_variant(file: &str, files: &[String]) -> bool {
    file.rsplit_once('.')
        .is_some_and(|(stem, end)| ["br", "gz"].contains(&end) && files.iter().any(|it| it == stem))
}

fn include(site: &Path, file: &str) -> String {
    let path = site.join(file).canonicalize().expect("it was listed a moment ago");
    format!("include_bytes!({:?})", path.to_str().expect("a path in UTF-8"))
}
