//! Writes down which versions were compiled in, from the lock file.

use std::{env, fs, path::Path};

fn main() {
    let lock = fs::read_to_string("Cargo.lock").expect("beside this file");
    let versions: Vec<_> = ["mintgate-verify", "aws-lc-rs", "jsonwebtoken"]
        .iter()
        .map(|name| {
            let entry = format!("name = \"{name}\"\nversion = \"");
            let (_, rest) = lock.split_once(&entry).expect("a dependency of ours");
            let (version, _) = rest.split_once('"').expect("a version in quotes");
            format!("(\"{name}\", \"{version}\")")
        })
        .collect();
    let text = format!("const VERSIONS: [(&str, &str); 3] = [{}];", versions.join(", "));
    let out = env::var_os("OUT_DIR").expect("cargo sets it");
    fs::write(Path::new(&out).join("versions.rs"), text).expect("a folder of our own");
    println!("cargo::rerun-if-changed=Cargo.lock");
}
