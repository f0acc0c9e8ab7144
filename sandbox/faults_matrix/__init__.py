"""Every state of every machine and every vendor call, under every fault: what must hold afterwards, and the matrix."""
