// Reads a TID 1500 file with cornerstone's adapters, as OHIF does, and prints what it took.
// Usage: node read_measurements.mjs FILE PLANES.json OUT; PLANES has, by SOP Instance UID, the plane.
// OUT is the same measurements as a file that cornerstone writes.
import { readFileSync, writeFileSync } from "node:fs";
import { metaData } from "@cornerstonejs/core";
import dcmjs from "dcmjs";
import MeasurementReport from "@cornerstonejs/adapters/cornerstone3D/MeasurementReport";

const tools = [
  "Angle", "ArrowAnnotate", "Bidirectional", "CircleROI", "CobbAngle", "EllipticalROI", "Length",
  "PlanarFreehandROI", "Probe", "RectangleROI",
];
for (const tool of tools) await import(`@cornerstonejs/adapters/cornerstone3D/${tool}`);

const [file, planesFile, out] = process.argv.slice(2);
const planes = JSON.parse(readFileSync(planesFile, "utf8"));
let dataset;
metaData.addProvider((type, imageId) => {
  const sop = String(imageId).split(":")[1];
  if (type === "imagePlaneModule") return planes[sop];
  if (type === "sopCommonModule") {
    return { sopInstanceUID: sop, sopClassUID: "1.2.840.10008.5.1.4.1.1.2" };
  }
  if (type === "instance") {
    return { ...dataset, SOPInstanceUID: sop, ContentSequence: undefined };
  }
  return undefined;
});
const images = Object.fromEntries(
  Object.keys(planes).map((sop) => [`${sop}:1`, `image:${sop}`])
);
const data = readFileSync(file);
const message = dcmjs.data.DicomMessage.readFile(
  data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength)
);
dataset = dcmjs.data.DicomMetaDictionary.naturalizeDataset(message.dict);
const found = MeasurementReport.generateToolState(dataset, images, metaData);
const told = [];
for (const [tool, measurements] of Object.entries(found)) {
  for (const one of measurements) {
    const { data: held } = one.annotation;
    told.push({
      tool,
      uid: one.TrackingUniqueIdentifier,
      stats: Object.values(held.cachedStats ?? {})[0] ?? {},
      points: held.contour?.polyline ?? held.handles?.points ?? [],
      closed: held.contour?.closed ?? null,
      label: held.label ?? held.text ?? "",
    });
  }
}
const [imageId] = Object.values(images);
const state = Object.fromEntries(
  Object.entries(found).map(([tool, measurements]) => [
    tool,
    { data: measurements.map((one) => ({ ...one.annotation, finding: one.finding })) },
  ])
);
const again = MeasurementReport.generateReport({ [imageId]: state }, metaData, {});
writeFileSync(out, Buffer.from(dcmjs.data.datasetToDict(again.dataset).write()));
process.stdout.write(`${JSON.stringify(told)}\n`);
