"""The windows and pages: the only part that knows Qt."""
