"""Loading that can be continued: random states kept and given back, a DataLoader that goes on in mid-epoch."""
