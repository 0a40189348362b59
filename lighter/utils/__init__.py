"""What the layers above stand on and that knows nothing of them."""
