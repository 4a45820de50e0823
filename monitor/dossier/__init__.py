"""One incident with its clocks and its telling: the pure transitions of the heart."""
