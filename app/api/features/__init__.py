"""OGC API - Features at ``/api/``: what can be asked, how answers are written and described."""
