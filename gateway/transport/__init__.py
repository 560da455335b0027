"""The way to other authorities: mutual TLS, the peer listener, the peer client.

`trust` and `tls` decide who is there, `peer_server` with `connection`, `routes` and
`limits` answers calls, `peer_client` makes them, `problems` spells refusals both
ways. No rule about messages lives here.
"""
