"""What turns an environment repo into one identical, tested, published image."""
