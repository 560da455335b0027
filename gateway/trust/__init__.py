"""Trust in files: which peers and operators this node knows, and how that changes.

`files` the list of digests and the change by staging, `peers` and `operators` the
files' content, `directory` what is in force, `own_card` our own card. Who
may change what, and the log entries, are the flows' matter.
"""
