"""The JSON addresses: public reads, and the managers' API."""

from harbour_api.web.api import coverage, desk, reads, reports

ROUTERS = (reads.router, desk.router, reports.router, coverage.router)
