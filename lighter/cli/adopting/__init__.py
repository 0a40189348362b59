"""What a stranger's repository holds, read without running it, and a first config for it."""
