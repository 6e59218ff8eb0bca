"""What the operator orders: profile, choose, train, conclude. Each module has `run(order, store, scratch) -> report`.

Started by `frame`, and without a cluster by `noria_cli.run`.
"""
