// A contact sheet as SVG: pictures with a line under each. The pictures stand in it, so that it is one small file that shows anywhere.

export interface Tile {
  /** As the service answered it. */
  bytes: Buffer;
  mimeType: string;
  width: number;
  height: number;
  /** One under the other, below the picture. */
  lines: string[];
}

const CELL = { width: 190, height: 150 };
const GAP = 16;
const LINE = 16;
const COLUMNS = 4;

/** @param title for those who do not see it */
export function contactSheet(title: string, tiles: readonly Tile[]): string {
  const lines = Math.max(...tiles.map((tile) => tile.lines.length));
  const step = { x: CELL.width + GAP, y: CELL.height + GAP + lines * LINE };
  const width = GAP + COLUMNS * step.x;
  const height = GAP + Math.ceil(tiles.length / COLUMNS) * step.y;
  const drawn = tiles.map((tile, at) =>
    drawTile(tile, GAP + (at % COLUMNS) * step.x, GAP + Math.floor(at / COLUMNS) * step.y),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>${asText(title)}</title>
<style>text { font: 12px ui-monospace, monospace; fill: #24292f; text-anchor: middle; }</style>
<rect width="100%" height="100%" fill="#fff"/>
${drawn.join('\n')}
</svg>
`;
}

function drawTile({ bytes, mimeType, width, height, lines }: Tile, x: number, y: number): string {
  const scale = Math.min(CELL.width / width, CELL.height / height, 1);
  const [shownWidth, shownHeight] = [Math.round(width * scale), Math.round(height * scale)];
  const left = x + Math.round((CELL.width - shownWidth) / 2);
  const top = y + CELL.height - shownHeight;
  const middle = x + CELL.width / 2;
  const texts = lines.map(
    (line, at) => `<text x="${middle}" y="${y + CELL.height + (at + 1) * LINE}">${asText(line)}</text>`,
  );
  return [
    `<rect x="${left - 0.5}" y="${top - 0.5}" width="${shownWidth + 1}" height="${shownHeight + 1}" fill="none" stroke="#d0d7de"/>`,
    `<image x="${left}" y="${top}" width="${shownWidth}" height="${shownHeight}" href="data:${mimeType};base64,${bytes.toString('base64')}"/>`,
    ...texts,
  ].join('\n');
}

function asText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
