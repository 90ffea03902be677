"""What the service needs from the machine: Python packages, system packages, Node, browser assets, disk."""
