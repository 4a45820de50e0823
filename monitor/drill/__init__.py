"""Rehearsals and replays on simulated time."""
