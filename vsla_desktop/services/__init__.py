"""What people do at a meeting and around it: one function a thing, one transaction a call."""
