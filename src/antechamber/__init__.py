"""Antechamber: the access desk of the MongoDB Atlas Administration API, self-hosted."""

__version__ = "0.1.0"
