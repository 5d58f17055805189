"""The open geospatial door: stations and towns by OGC API - Features, for QGIS, GDAL and their like."""

from harbour_api.web.ogc.door import router

ROUTERS = (router,)
