"""How fast it is, measured against what it could be at best: `python -m tests.benchmarks`. No part of the test run.

One rule: both sides of a comparison run at the same time on the same machine, and only their ratio is reported; the
exceptions are said in seconds because their bars are, the paints and the sheets, and the sums, which are in turns. The
figure is requests per CPU second over all of a server's processes, which a busy machine bends least. Linux only: CPU
seconds are read from /proc.
"""
