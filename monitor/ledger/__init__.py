"""台账: the ledger an office kept before, from a workbook to closed history, or every fault with its cell."""
