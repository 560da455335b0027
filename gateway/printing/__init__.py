"""Making pages of messages: an adapter on a typesetter, which an installation may lack.

What is printed is decided in `gateway.mla.printing`; here is only how it looks.
"""
