"""What maintainers of the repository run: the licence check and the release."""
