"""Offline checks of evidence, and the files evidence is written to.

Needs the files and the keys that somebody compared, and nothing else: no node, no
database, no network. `verify` is the way in for checking, `export` for writing.
"""
