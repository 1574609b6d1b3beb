import t from 'tap';
import { HEIF_ATTACKS } from './heif-attacks.ts';
import { OTHER_ATTACKS } from './other-attacks.ts';
import { prove } from './proving-ground.ts';
import { RARE_ATTACKS } from './rare-attacks.ts';

t.test('AVIF, HEIC and CR3', async (t) => prove(t, HEIF_ATTACKS));
t.test('all other formats', async (t) => prove(t, OTHER_ATTACKS));
t.test('formats that are seldom seen', async (t) => prove(t, RARE_ATTACKS));
