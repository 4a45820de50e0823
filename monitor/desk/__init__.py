"""The duty desk: pages, API, access."""
