"""Family `click-wide-deep`: a linear part beside a deep one (wide and deep)."""
