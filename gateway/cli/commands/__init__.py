"""The commands, one file a subject; loaded by the table in `gateway.cli.table`."""
