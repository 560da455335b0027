"""What proves who somebody is: passwords, passkeys, the single sign-on of others.

Adapters of `gateway.ports.sign_in` to the libraries made for it. Nothing here decides
who may do what, and nothing keeps state that counts.
"""
