"""Family `click-cross`: cross layers beside a deep part (DCN-v2)."""
