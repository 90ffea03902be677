"""One function a use case; whatever writes, or needs two sibling rooms, goes through here."""
