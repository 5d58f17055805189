"""What is kept: SQLAlchemy and GeoAlchemy2 stop at this folder's door."""
