"""Metrics of torchmetrics and MONAI, as a System updates and reads them."""
