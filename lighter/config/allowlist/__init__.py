"""What a config from elsewhere may use: `--allow`."""
