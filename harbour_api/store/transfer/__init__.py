"""Files in and out: spreadsheets, and files for maps, to and from the domain's rows."""
