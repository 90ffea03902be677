"""Why a plan is as it is: what would let stops in, which requirements conflict, which tours come close."""
