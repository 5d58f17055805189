"""The doors: FastAPI stops at this folder."""
