"""What is read from the books: frozen rows, on either database, never written back."""
