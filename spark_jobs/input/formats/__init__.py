"""How files write their rows: formats, columns, ids, scales, times. It does not judge the rows."""
