"""The code of my_project."""
