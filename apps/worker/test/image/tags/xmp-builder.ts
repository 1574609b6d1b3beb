// XMP packets around a few properties.

const NAMESPACES = {
  dc: 'http://purl.org/dc/elements/1.1/',
  dcterms: 'http://purl.org/dc/terms/',
  xmp: 'http://ns.adobe.com/xap/1.0/',
  xmpMM: 'http://ns.adobe.com/xap/1.0/mm/',
  stRef: 'http://ns.adobe.com/xap/1.0/sType/ResourceRef#',
  tiff: 'http://ns.adobe.com/tiff/1.0/',
  exif: 'http://ns.adobe.com/exif/1.0/',
  aux: 'http://ns.adobe.com/exif/1.0/aux/',
  hdrgm: 'http://ns.adobe.com/hdr-gain-map/1.0/',
  HDRGainMap: 'http://ns.apple.com/HDRGainMap/1.0/',
  Container: 'http://ns.google.com/photos/1.0/container/',
  Item: 'http://ns.google.com/photos/1.0/container/item/',
  Iptc4xmpExt: 'http://iptc.org/std/Iptc4xmpExt/2008-02-29/',
};

const DECLARATIONS = Object.entries(NAMESPACES)
  .map(([prefix, uri]) => `xmlns:${prefix}="${uri}"`)
  .join(' ');

export const RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"';

export const meta = (rdf: string) =>
  `<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="T"><rdf:RDF ${RDF}>${rdf}</rdf:RDF></x:xmpmeta>`;

/** One description, of elements and of attributes. */
export const describing = (elements: string, attributes = '') =>
  meta(`<rdf:Description rdf:about="" ${DECLARATIONS} ${attributes}>${elements}</rdf:Description>`);

/** As it stands in files: between instructions, with room to edit in place. */
export const packet = (elements: string, attributes = '') =>
  Buffer.from(
    `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n${describing(elements, attributes)}\n${' '.repeat(100)}<?xpacket end="w"?>`,
  );
