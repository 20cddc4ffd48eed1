"""Offline-first bookkeeping for village savings and loan associations."""

__version__ = "0.1.0"
