"""The admin API: a node's own people and systems; nothing shared with the peer side.

`contract` every route and who may call it, `shapes` what goes in and out (both light:
the command line reads them), `server` the listener, `pipeline` what every request
passes, `handlers` one file a subject. No decision about messages is made here.
"""
