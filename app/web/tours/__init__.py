"""The pages of tours: list, planner, timetable, files, the page for the phone."""
