"""One journey a file: what happens to a message, step by step, through ports.

`submit` and `release` out of this house, `deliver` to a peer, `receive` from one,
`validate` after it, `open` for a person, `queue` what operators do, `events` what is
told later; `checkpoints`, `agreement` and `peer_logs` keep both logs honest on the
way; `housekeeping` is what time does. No web, database or crypto library here.
"""
