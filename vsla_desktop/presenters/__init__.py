"""What each screen shows and what a person can do on it, in plain Python without a window."""
