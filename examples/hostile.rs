//! Writes the files made to hurt a reader into a folder, for `benches/hostile.sh`; into `kinds` below
//! it the documents and schemas of an operator's kinds, one folder each.

#[path = "../tests/documents/hostile_inputs.rs"]
mod hostile_inputs;
#[path = "../tests/check/hostile_schemas.rs"]
mod hostile_schemas;

use std::path::PathBuf;

fn main() -> std::io::Result<()> {
    let folder: PathBuf = std::env::args_os()
        .nth(1)
        .map_or_else(|| ".".into(), PathBuf::from);
    for file in hostile_inputs::all() {
        std::fs::write(folder.join(file.name).with_extension("yaml"), file.bytes)?;
    }
    for hostile in hostile_schemas::all() {
        let own = folder.join("kinds").join(hostile.name);
        std::fs::create_dir_all(own.join(".git"))?;
        std::fs::write(own.join("schema.json"), hostile.schema)?;
        std::fs::write(own.join("a.yaml"), hostile.text)?;
        let config = "kinds: [{ name: own, files: [a.yaml], schema: schema.json }]\n";
        std::fs::write(own.join(".pushgate.yaml"), config)?;
    }
    Ok(())
}
