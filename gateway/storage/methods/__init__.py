"""The ports' methods: each runs one operation in one transaction."""
