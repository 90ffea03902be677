"""Who is whose neighbor: computed, stored, decided, streamed from files of any size."""
