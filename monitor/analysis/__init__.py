"""What analysts ask of the past: facts of a period in, tables with their definitions out.

Every table is a pure function of a `Material`; which there are, with what is counted in each, stands in
`catalog.py`. Rates are shares from 0 to 1, lengths are hours, days are local days.
"""
