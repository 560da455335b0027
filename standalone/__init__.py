"""The verifier as one file: what it needs beside Python and `cryptography`.

`python -m standalone.build` packs the modules that `verify` reaches, with these in the
place of the libraries that a node has: `structs` for msgspec, `ed25519` for PyNaCl,
`command` for the command line. `make verifier` calls it.
"""
