"""What is checked of a config before anything is built."""
