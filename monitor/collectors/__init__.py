"""Stage 1: where words come from."""
