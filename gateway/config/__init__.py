"""The configuration: what can be set, how it is read, the explained sample.

`settings` declares every key once, `reading` makes frozen settings of `gateway.toml`
and the environment, `rendering` writes files. No secret is a setting: secrets are in
files that settings name.
"""
