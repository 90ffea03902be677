"""From a tour request to a plan with its reasons."""
