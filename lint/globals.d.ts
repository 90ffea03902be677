import type { Map } from "leaflet";

declare global {
  interface Window {
    /** The maps that the page's script made, by their names. */
    parkMaps: Record<string, { map: Map; layers: Record<string, any> }>;
  }
}
