"""How soon the first page stands on a cheap phone: Chromium on slow 3G, with a processor four times slower."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from playwright.sync_api import Browser, sync_playwright

from harbour_api.store.seed import Seed
from tests.benchmarks.contests import database_of, ours_on
from tests.conftest import CHROMIUM

PAGES = ("/", "/?town=442000001", "/stations/ZS001", "/map")
PHONE = {"width": 360, "height": 640}
SLOW_3G = {  # what Chromium's developer tools call so: 400 kbit/s, and 2 s until an answer begins
    "offline": False,
    "latency": 2_000,
    "downloadThroughput": 50_000,
    "uploadThroughput": 50_000,
}
SLOWER_CPU = 4
SETTLED_MS = 3_000  # after the load: whatever is painted later would be seen by then
AIM_S = 2.5
PATIENCE_MS = 120_000
WATCH = """
window.__largest = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.__largest = entry.startTime;
}).observe({type: 'largest-contentful-paint', buffered: true});
"""


@dataclass(frozen=True)
class Paint:
    """One page's largest contentful paints, in seconds, each in a browser that was never here before."""

    path: str
    seconds: Sequence[float]

    @property
    def is_in_time(self) -> bool:
        """Whether the median meets the aim."""
        return median(self.seconds) <= AIM_S


def paints(seed: Seed, rounds: int) -> Iterator[Paint]:
    """Yield each page's paints from the service as anybody starts it."""
    with database_of(64, seed) as database, ours_on(database) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for path in PAGES:
            address = f"http://127.0.0.1:{server.port}{path}"
            yield Paint(path, [_largest_s(browser, address) for _ in range(rounds)])
        browser.close()


def _largest_s(browser: Browser, address: str) -> float:
    context = browser.new_context(viewport=PHONE)  # type: ignore[arg-type]
    context.add_init_script(WATCH)
    page = context.new_page()
    tools = context.new_cdp_session(page)
    tools.send("Network.enable")
    tools.send("Network.emulateNetworkConditions", SLOW_3G)
    tools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER_CPU})
    answer = page.goto(address, wait_until="load", timeout=PATIENCE_MS)
    assert answer is not None
    assert answer.ok, f"{address} is not there"
    page.wait_for_timeout(SETTLED_MS)
    largest: float = page.evaluate("window.__largest")
    context.close()
    return largest / 1_000
