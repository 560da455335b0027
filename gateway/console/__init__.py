"""The console: pages for people, made on the node, beside the admin API.

A page asks the operations of the API in process and shows the answers; it decides
nothing and touches no flow and no storage. What a caller may not ask is not there.
"""
