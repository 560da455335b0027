"""Typed client of the admin API, for the command line and for case systems.

`calls` every operation as a value, `blocking` sends them and waits (standard library
only, quick to import), `client` sends them on an event loop, `answers` reads what
comes back. Nothing here knows how the node works inside.
"""
