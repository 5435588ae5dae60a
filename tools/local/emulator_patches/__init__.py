"""What MiniStack does otherwise than AWS, each difference a patch with a name and a test that needs it."""
