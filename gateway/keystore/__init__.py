"""The key store: private keys at rest and at work, and what `init` creates.

`files` safe files, `sealed` encryption at rest, `home` where things lie, `create` a
new home, `root` the offline root, `kem`, `archive`, `rings`, `signing` keys at work,
`tls` the node's certificates, `keyring` all of it unlocked, `example_keys` throw-away
keys.
"""
