// The files that are sent: a photograph with what cameras write, one that is transparent, one that moves, and one that is none.
import sharp from 'sharp';
import type { Sent } from './caller.ts';

/** Of a photograph, as it is displayed; it is stored on its side. */
export const PHOTO = { width: 480, height: 640 };
export const TRANSPARENT = { width: 300, height: 200 };
export const ANIMATED = { width: 120, height: 80, frames: 4 };

let made = 0;

/** Each one different from all others, so that none is taken for one that is there already. */
export async function photo(name = 'harbour.jpg'): Promise<Sent> {
  made += 1;
  const { width, height } = PHOTO;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${height}" height="${width}">
    <rect width="100%" height="100%" fill="hsl(${(made * 47) % 360},60%,70%)"/>
    <circle cx="${60 + ((made * 131) % 500)}" cy="${60 + ((made * 71) % 360)}" r="${30 + ((made * 29) % 90)}" fill="hsl(${(made * 89) % 360},80%,30%)"/>
  </svg>`;
  const bytes = await sharp(Buffer.from(svg))
    .jpeg({ quality: 92, chromaSubsampling: '4:2:0' })
    .withExif({
      IFD0: { Make: 'Tintype', Model: 'Plate One', Orientation: '6' },
      IFD2: { DateTimeOriginal: '2024:05:17 09:30:00' },
      IFD3: {
        GPSLatitudeRef: 'N',
        GPSLatitude: '53/1 32/1 0/1',
        GPSLongitudeRef: 'E',
        GPSLongitude: '9/1 59/1 0/1',
      },
    })
    .withMetadata({ orientation: 6 })
    .toBuffer();
  return { name, type: 'image/jpeg', bytes };
}

export async function transparent(): Promise<Sent> {
  const { width, height } = TRANSPARENT;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><circle cx="150" cy="100" r="80" fill="#c03050" fill-opacity="0.8"/></svg>`;
  return { name: 'sticker.png', type: 'image/png', bytes: await sharp(Buffer.from(svg)).png().toBuffer() };
}

export async function animated(): Promise<Sent> {
  const { width, height, frames } = ANIMATED;
  const drawn = await Promise.all(
    Array.from({ length: frames }, (_, at) =>
      sharp({ create: { width, height, channels: 3, background: { r: 60 * at, g: 90, b: 200 - 40 * at } } })
        .png()
        .toBuffer(),
    ),
  );
  const bytes = await sharp(drawn, { join: { animated: true } })
    .gif({ delay: drawn.map(() => 120), loop: 0 })
    .toBuffer();
  return { name: 'waves.gif', type: 'image/gif', bytes };
}

export function noImage(): Sent {
  const text = 'Dear service, this is a letter and no image, whatever its name says.\n';
  return { name: 'letter.jpg', type: 'image/jpeg', bytes: Buffer.from(text.repeat(20)) };
}
