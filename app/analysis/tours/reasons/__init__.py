"""Why a tour is as it is: what was left out, what contradicts what, which tours come close."""
