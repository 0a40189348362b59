"""A user's repository as code: found, imported as it is, registered, and explained where it fails."""
