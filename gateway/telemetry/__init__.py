"""What the gateway tells its operators: structured log lines and figures.

`logs` sets up structlog, `redaction` keeps secrets and control characters out of it,
`metrics` the Prometheus figures, `watchdog` notices a loop that stands still. The
audit log is not here: it is written through a port, with the change it reports.
"""
