"""Pages: blueprints, templates, translations, browser modules."""
