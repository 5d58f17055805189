"""One line of migrations for both databases. A revision's id is its number, so the newest file names the head."""
