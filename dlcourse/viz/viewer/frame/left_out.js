// A page of at most 2 MB leaves the largest arrays out. Where nothing can be shown without them, a
// sentence says so.

/** Refuse a tree in which an array was left out, and name its place. */
export function expectWhole(node, place = "") {
  if (node === null || typeof node !== "object" || "data" in node) return;
  if (Array.isArray(node.left_out)) {
    const shape = node.left_out.join(" × ");
    const error = new Error(`This page had no room for ${place.slice(1)} (${shape} numbers): `
      + "show fewer examples or shorter texts, or open it in a notebook.");
    error.plain = true;
    throw error;
  }
  for (const [name, each] of Object.entries(node)) expectWhole(each, `${place}.${name}`);
}
