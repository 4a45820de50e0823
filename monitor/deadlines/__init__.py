"""Stage 5: what must be done, and by when."""
