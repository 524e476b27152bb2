"""What the benchmarks are built from: a server of their own, a load generator, and a look at what processes cost."""
