"""Stage 4: which event it is."""
