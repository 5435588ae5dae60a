"""What is sold: therapists, places, hotels, discount codes, prices, hours."""
