"""The built-in demo: a story played on loopback, its texts our own and all fictional."""
