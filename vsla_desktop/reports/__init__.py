"""What people take home on paper: documents put together from queries, and the page writer.

A document (:mod:`.document`) is plain values in the person's language; :mod:`.pdf` sets it.
"""
