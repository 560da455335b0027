"""One journey a file: what happens to a message, step by step, through ports.

`submit` and `release` out of this house, `deliver` to a peer, `receive` from one,
`validate` after it, `open` for a person, `queue` what operators do, `events` what is
told later; `checkpoints`, `agreement` and `peer_logs` keep both logs honest on the
way, `rounds` and `witness` let others vouch for ours and us for theirs, `conflicts`
keeps what is held against a log, `recovery` stops a log that is not whole;
`log_monitor`, `numbers` and `owed` watch; `erasure` and `pruning` remove for good;
`housekeeping` is what time does. No web, database or crypto library here.
"""
