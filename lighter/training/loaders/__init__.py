"""Loading that can be resumed: random states saved and restored, a DataLoader that resumes in mid-epoch."""
