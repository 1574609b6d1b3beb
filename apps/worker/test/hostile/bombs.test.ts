import t from 'tap';
import { GIF_ATTACKS } from './gif-attacks.ts';
import { JPEG_ATTACKS } from './jpeg-attacks.ts';
import { PNG_ATTACKS } from './png-attacks.ts';
import { prove } from './proving-ground.ts';
import { TIFF_ATTACKS } from './tiff-attacks.ts';
import { WEBP_ATTACKS } from './webp-attacks.ts';

t.test('PNG', async (t) => prove(t, PNG_ATTACKS));
t.test('JPEG', async (t) => prove(t, JPEG_ATTACKS));
t.test('GIF', async (t) => prove(t, GIF_ATTACKS));
t.test('WebP', async (t) => prove(t, WEBP_ATTACKS));
t.test('TIFF', async (t) => prove(t, TIFF_ATTACKS));
