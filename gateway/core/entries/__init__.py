"""Entries of the audit log: kinds, leaves and disclosures; pure."""
