"""A user's repository as code: found, imported as it stands, registered, and explained where it fails."""
