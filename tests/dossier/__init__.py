"""Decisions about one incident."""
