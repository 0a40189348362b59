"""What runs left behind: read, listed, compared, reported, exported and loaded."""
