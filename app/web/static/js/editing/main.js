/** Starts the map beside a form. */
import { Unavailable, failureSentence, startPage } from "#page/api";
import { button, byId, h } from "#page/dom";
import { t } from "#page/i18n";
import { LineEditor } from "#editing/line_editor";
import { PlotChooser, PointMover } from "#editing/site_editor";
import { WayChooser } from "#editing/way_chooser";

const MODES = { line: LineEditor, plot: PlotChooser, point: PointMover, ways: WayChooser };

const config = startPage();
const editor = new MODES[config.editing.mode](config);

async function start() {
  try {
    await editor.start();
  } catch (error) {
    byId("failure").replaceChildren(h("p", failureSentence(error)), button(t("Try again"), start));
    if (!(error instanceof Unavailable)) throw error;
  }
}

start();
