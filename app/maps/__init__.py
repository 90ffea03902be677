"""The only room with folium: what the map is made of. Data never passes through here, only its addresses."""
