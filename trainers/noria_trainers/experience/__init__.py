"""What earlier trials taught: results, where they are kept, and the choices made from them.

`result` and the choosers (`portfolio`, `random`, `explicit`) are pure; `keep` alone touches the store.
"""
