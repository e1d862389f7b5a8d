"""The peers: what people would pick instead of the hub. Each is installed from Debian or PyPI by `scripts/bench`."""
