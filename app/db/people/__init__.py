"""Staff: accounts, sessions, second factors."""
