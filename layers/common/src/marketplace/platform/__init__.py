"""What any product could have: clock, settings, observability, AWS; it knows no noun of the business."""
