"""The pure rules of a savings group: no database, no window, no clock, only values in and out."""
