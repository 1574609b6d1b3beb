import t from 'tap';
import { prove } from './proving-ground.ts';
import { TAG_ATTACKS } from './tag-attacks.ts';
import { XML_ATTACKS } from './xml-attacks.ts';

t.test('EXIF, IPTC, Photoshop resources, colour profiles', async (t) => prove(t, TAG_ATTACKS));
t.test('XMP and SVG', async (t) => prove(t, XML_ATTACKS));
