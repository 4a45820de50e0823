"""值班表: the month's duty sheet as counties keep it in XLSX, to shifts or to every fault with its cell."""
