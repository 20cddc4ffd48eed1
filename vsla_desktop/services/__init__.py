"""What people do at a meeting and around it: one function a thing, one transaction a call.

A :class:`~vsla_desktop.errors.RuleBroken` out of a service means that what was asked can not be.
The caller then lets the transaction roll back, as ``Database.write`` does by itself, and the book
is as it was.
"""
