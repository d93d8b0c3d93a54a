/* The frames of the bench in cornerstone3D's CPU mode: how long a step takes, ms.
 *
 * The page gets its frames and settings from the bench's own server, paints what the bench paints,
 * and posts what it measured. A step ends with the event that tells the picture drawn. The wait for
 * the refresh of a screen, which a headless browser makes up, is left out.
 */
import * as core from "@cornerstonejs/core";

const queue = [];
const channel = new MessageChannel();
channel.port1.onmessage = () => queue.shift()?.(performance.now());
window.requestAnimationFrame = (act) => {
  queue.push(act);
  channel.port2.postMessage(0);
  return queue.length;
};

const told = async (what) => {
  await fetch("/told", { method: "POST", body: JSON.stringify(what) });
};

async function frame(number, settings) {
  const { rows, columns } = settings;
  const pixels = new Uint16Array(await (await fetch(`/frame/${number}`)).arrayBuffer());
  let low = 65535;
  let high = 0;
  for (const value of pixels) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return {
    imageId: `bench:${number}`, minPixelValue: low, maxPixelValue: high, slope: 1,
    intercept: settings.intercept, windowCenter: settings.centre, windowWidth: settings.width,
    voiLUTFunction: "LINEAR", rows, columns, height: rows, width: columns, color: false,
    rgba: false, numberOfComponents: 1, columnPixelSpacing: 0.7, rowPixelSpacing: 0.7,
    invert: false, sizeInBytes: pixels.byteLength, getPixelData: () => pixels, imageFrame: {},
    dataType: "Uint16Array",
  };
}

function metadata(kind, imageId, settings) {
  const { rows, columns } = settings;
  const number = Number(imageId.split(":")[1]);
  if (kind === "imagePixelModule") {
    return {
      bitsAllocated: 16, bitsStored: 16, highBit: 15, samplesPerPixel: 1, rows, columns,
      pixelRepresentation: 0, photometricInterpretation: "MONOCHROME2",
    };
  }
  if (kind === "imagePlaneModule") {
    return {
      rows, columns, rowCosines: [1, 0, 0], columnCosines: [0, 1, 0],
      imageOrientationPatient: [1, 0, 0, 0, 1, 0], imagePositionPatient: [0, 0, number],
      pixelSpacing: [0.7, 0.7], rowPixelSpacing: 0.7, columnPixelSpacing: 0.7,
      frameOfReferenceUID: "1.2.3", sliceLocation: number, sliceThickness: 1,
    };
  }
  if (kind === "generalSeriesModule") {
    return { modality: "CT", seriesInstanceUID: "1.2.3.4" };
  }
  if (kind === "voiLutModule") {
    return { windowCenter: [settings.centre], windowWidth: [settings.width] };
  }
  if (kind === "modalityLutModule") {
    return { rescaleSlope: 1, rescaleIntercept: settings.intercept };
  }
  return undefined;
}

async function main() {
  const settings = await (await fetch("/settings")).json();
  const element = document.getElementById("pane");
  element.style.width = element.style.height = `${settings.side}px`;
  core.init();
  core.setUseCPURendering(true);
  core.metaData.addProvider((kind, id) => metadata(kind, String(id), settings), 1000);
  core.imageLoader.registerImageLoader("bench", (id) => ({
    promise: frame(Number(id.split(":")[1]), settings),
  }));
  const engine = new core.RenderingEngine("engine");
  engine.enableElement({ viewportId: "pane", element, type: core.Enums.ViewportType.STACK });
  const viewport = engine.getViewport("pane");
  const ids = Array.from({ length: settings.steps + 1 }, (_, number) => `bench:${number}`);
  await Promise.all(core.imageLoader.loadAndCacheImages(ids));

  const step = (act, flush) =>
    new Promise((done) => {
      const begun = performance.now();
      const drawn = () => {
        if (flush) {
          element.querySelector("canvas").getContext("2d").getImageData(0, 0, 1, 1);
        }
        element.removeEventListener(core.Enums.Events.IMAGE_RENDERED, drawn);
        const spent = performance.now() - begun;
        setTimeout(() => done(spent), 0);
      };
      element.addEventListener(core.Enums.Events.IMAGE_RENDERED, drawn);
      act();
    });
  const look = (centre) => {
    const lower = centre - settings.width / 2;
    viewport.setProperties({ voiRange: { lower, upper: lower + settings.width } });
    viewport.render();
  };
  await step(() => viewport.setStack(ids, 0));
  const canvas = element.querySelector("canvas");
  const spent = { pane: [canvas.width, canvas.height], version: core.version ?? "" };
  for (const flush of [false, true]) {
    const name = flush ? "_flushed" : "";
    await step(() => viewport.setImageIdIndex(settings.steps - 1), flush);
    spent[`scroll${name}`] = [];
    for (let number = 1; number <= settings.steps; number++) {
      spent[`scroll${name}`].push(await step(() => viewport.setImageIdIndex(number), flush));
    }
    spent[`window${name}`] = [];
    for (let number = 0; number < settings.steps; number++) {
      spent[`window${name}`].push(await step(() => look(settings.centre + number), flush));
    }
  }
  const middle = canvas.width / 2;
  spent.middle = Array.from(canvas.getContext("2d").getImageData(middle, middle, 1, 1).data);
  await told(spent);
}

main().catch((error) => told({ error: String(error?.stack ?? error) }));
