"""What makes a model ready for the devices that it runs on."""
