"""What the flows need from outside, named by intent; no adapter lives here.

`world` clock and metrics, `keys` private keys at work, `peers` who they are and how
to call them, `log` the audit log, `outbox` and `inbox` the messages, `messages` what
both boxes share, `traffic` how exchange goes, `store` all of storage.
"""
