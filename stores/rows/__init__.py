"""Reading rows: filters, order, pages, search, counts, records."""
