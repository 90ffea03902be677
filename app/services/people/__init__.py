"""Who may sign in: accounts, passwords, sessions, second factors, attempts."""
