"""Measurements: run by people, never by the tests."""
