"""Family `click-linear`: a weight for each number and each hashed category."""
