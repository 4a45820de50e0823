"""Bytes in, raw items out: one module per kind of source."""
