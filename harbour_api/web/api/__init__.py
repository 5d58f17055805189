"""The JSON addresses: public reads, and the managers' API."""

from harbour_api.web.api import (
    accounts,
    audit,
    coverage,
    facts,
    metrics,
    notice,
    reads,
    reports,
    stations,
    statistics,
    tally_links,
    transfer,
    visits,
    vocabulary,
)

ROUTERS = (
    reads.router,
    accounts.router,
    audit.router,
    stations.router,
    facts.router,
    vocabulary.router,
    visits.router,
    tally_links.router,
    reports.router,
    coverage.router,
    statistics.router,
    transfer.router,
    notice.router,
    metrics.router,
)
