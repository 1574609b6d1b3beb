// How much of what the sensor saw is shown.
import { turned } from '../../displayed-size.ts';
import type { Header } from '../../header.ts';

/** Displayed size counts the turn that orientation asks for. */
export function showOnly({ image }: Header, width: number, height: number): void {
  if (!(width > 0 && height > 0)) return;
  const shown = turned({ width, height }, image.orientation);
  image.displayWidth = Math.round(shown.width);
  image.displayHeight = Math.round(shown.height);
}
