"""The JSON and GeoJSON that pages and analysts read."""
