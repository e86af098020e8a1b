// Kernels that people made by hand, long before nets learned their own.

export const PRESETS = ["edge", "sobel x", "sobel y", "sharpen", "blur", "copy"];
const SMOOTH = { 3: [1, 2, 1], 5: [1, 4, 6, 4, 1] };
const SLOPE = { 3: [-1, 0, 1], 5: [-1, -2, 0, 2, 1] };

/** A preset as rows of numbers, 3 × 3 or 5 × 5. */
export function preset(name, size = 3) {
  const middle = (size - 1) / 2;
  const table = (cell) =>
    Array.from({ length: size }, (_, i) =>
      Array.from({ length: size }, (_, j) => cell(i, j, i === middle && j === middle)),
    );
  const total = SMOOTH[size].reduce((a, b) => a + b) ** 2;
  const blur = (i, j) => (SMOOTH[size][i] * SMOOTH[size][j]) / total;
  return {
    edge: () => table((i, j, here) => (here ? size * size - 1 : -1)),
    blur: () => table(blur),
    sharpen: () => table((i, j, here) => (here ? 2 : 0) - blur(i, j)),
    "sobel x": () => table((i, j) => SMOOTH[size][i] * SLOPE[size][j]),
    "sobel y": () => table((i, j) => SLOPE[size][i] * SMOOTH[size][j]),
    copy: () => table((i, j, here) => (here ? 1 : 0)),
  }[name]();
}

export const MEANING = {
  edge: "finds edges of every direction",
  "sobel x": "finds upright edges",
  "sobel y": "finds level edges",
  sharpen: "makes differences larger",
  blur: "a mean of the neighbourhood",
  copy: "takes the middle as it is",
};
