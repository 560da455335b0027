"""The command line: a client of the admin API, plus what works without a node.

`main` the table of all commands, `commands` one file a subject, `local` what runs or
makes a node on this machine. Nothing is decided here. Modules are loaded when a
command needs them, so that help is quick.
"""
