"""Tours: stored plans, their stops and legs, drafts, papers and share links."""
