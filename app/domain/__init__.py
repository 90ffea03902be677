"""The words everything else is written in: reference systems, periods, kinds, frames."""
