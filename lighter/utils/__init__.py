"""What the layers above use and that knows nothing of them."""
