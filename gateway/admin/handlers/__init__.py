"""What each operation does: from a request that was let in to an answer.

One file a subject; each only translates between the API's shapes and the flows.
"""
