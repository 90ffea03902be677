"""The only room with folium: base, layers, styles, page."""
