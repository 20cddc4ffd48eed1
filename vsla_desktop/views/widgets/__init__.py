"""The small set of parts that every page is made of."""
