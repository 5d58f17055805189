"""The two maps as plain text parts: what the pages embed and what their script says.

One rule: no text that anyone typed passes through here. A map is made of figures and coordinates; names and every other
word are already in the page, escaped, and the browser takes them from there.
"""
