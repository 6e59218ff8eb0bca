"""What earlier trials taught: results, and where they are kept. Choices are made from them in `choice`.

`result` says what one is, `lesson` makes those of a run, `keep` alone touches the store, `pack` makes a file of many,
`shipped` holds those that come with Noria.
"""
