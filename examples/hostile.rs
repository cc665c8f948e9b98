//! Writes the files made to hurt a reader into a folder, for `benches/hostile.sh`.

#[path = "../tests/documents/hostile_inputs.rs"]
mod hostile_inputs;

use std::path::PathBuf;

fn main() -> std::io::Result<()> {
    let folder: PathBuf = std::env::args_os()
        .nth(1)
        .map_or_else(|| ".".into(), PathBuf::from);
    for file in hostile_inputs::all() {
        std::fs::write(folder.join(file.name).with_extension("yaml"), file.bytes)?;
    }
    Ok(())
}
