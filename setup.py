"""The source of the pre-commit hook: an empty package that has the wheel `pushgate` installed.

pre-commit and prek install a hook of `language: python` from the root of the repository that has the hook,
here. The wheel brings the binary, so that no Rust toolchain is needed; it comes from the package index that
pip is set to, in the version of this commit. packaging/README.md tells how the two belong together.
"""

import pathlib
import re

import setuptools

MANIFEST = pathlib.Path(__file__).resolve().parent / "Cargo.toml"
VERSION = re.search(r'^version = "(.+)"$', MANIFEST.read_text(encoding="utf-8"), re.MULTILINE).group(1)

setuptools.setup(
    name="pushgate-hook",
    version=VERSION,
    description="Installs the wheel `pushgate` of the same version, for pre-commit",
    python_requires=">=3.8",
    install_requires=["pushgate==" + VERSION],
    # Nothing of this repository is Python: without these two setuptools looks for packages.
    packages=[],
    py_modules=[],
)
