"""How fast the program is, as ratios to a plain baseline."""
