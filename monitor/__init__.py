"""Huiying 回应: from a source to a dated obligation, and the service itself."""
