// Puts what ExifTool knows of a section behind what stands there already.
import type { Metadata } from '@tintype/core/contract';

type SectionName = 'exif' | 'gps' | 'iptc' | 'xmp' | 'icc';
type Section<Name extends SectionName> = NonNullable<Metadata[Name]>;

/** Fields of our own stay; `theirs` may hold more than the section has, never less than it needs. */
export function fillSection<Name extends SectionName>(
  document: Metadata,
  name: Name,
  theirs: Section<Name>,
): Metadata {
  const own = document[name];
  const added = Object.keys(theirs).filter((field) => own === null || !Object.hasOwn(own, field));
  if (added.length === 0) return document;
  const sources: [string, string][] =
    own === null ? [[name, 'exiftool']] : added.map((field) => [`${name}.${field}`, 'exiftool']);
  return {
    ...document,
    [name]: { ...theirs, ...own },
    has: { ...document.has, [name]: name === 'gps' ? isPlace({ ...theirs, ...own }) : true },
    sections: { ...document.sections, [name]: 'ok' },
    sources: { ...document.sources, ...Object.fromEntries(sources) },
  };
}

/** A time or a direction alone tells nobody where. */
function isPlace(gps: object): boolean {
  return 'latitude' in gps && gps.latitude !== undefined;
}
