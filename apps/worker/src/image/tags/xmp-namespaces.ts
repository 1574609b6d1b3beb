// The usual prefix of each namespace that is met in XMP (ISO 16684-1, clause 8, and the specifications of IPTC, PLUS, CIPA, Google, …).

const RDF = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#';
const XML = 'http://www.w3.org/XML/1998/namespace';
const XMLNS = 'http://www.w3.org/2000/xmlns/';
const XMP_META = 'adobe:ns:meta/';

/** Namespaces of the syntax itself, which no property is in. */
export const SYNTAX = { RDF, XML, XMLNS, XMP_META } as const;

const PREFIXES: Readonly<Record<string, string>> = {
  rdf: RDF,
  xml: XML,
  x: XMP_META,
  dc: 'http://purl.org/dc/elements/1.1/',
  dcterms: 'http://purl.org/dc/terms/',
  xmp: 'http://ns.adobe.com/xap/1.0/',
  xmpRights: 'http://ns.adobe.com/xap/1.0/rights/',
  xmpMM: 'http://ns.adobe.com/xap/1.0/mm/',
  xmpBJ: 'http://ns.adobe.com/xap/1.0/bj/',
  xmpTPg: 'http://ns.adobe.com/xap/1.0/t/pg/',
  xmpG: 'http://ns.adobe.com/xap/1.0/g/',
  xmpGImg: 'http://ns.adobe.com/xap/1.0/g/img/',
  xmpNote: 'http://ns.adobe.com/xmp/note/',
  xmpDM: 'http://ns.adobe.com/xmp/1.0/DynamicMedia/',
  xmpidq: 'http://ns.adobe.com/xmp/Identifier/qual/1.0/',
  stDim: 'http://ns.adobe.com/xap/1.0/sType/Dimensions#',
  stEvt: 'http://ns.adobe.com/xap/1.0/sType/ResourceEvent#',
  stFnt: 'http://ns.adobe.com/xap/1.0/sType/Font#',
  stJob: 'http://ns.adobe.com/xap/1.0/sType/Job#',
  stMfs: 'http://ns.adobe.com/xap/1.0/sType/ManifestItem#',
  stRef: 'http://ns.adobe.com/xap/1.0/sType/ResourceRef#',
  stVer: 'http://ns.adobe.com/xap/1.0/sType/Version#',
  stArea: 'http://ns.adobe.com/xmp/sType/Area#',
  pdf: 'http://ns.adobe.com/pdf/1.3/',
  pdfx: 'http://ns.adobe.com/pdfx/1.3/',
  photoshop: 'http://ns.adobe.com/photoshop/1.0/',
  illustrator: 'http://ns.adobe.com/illustrator/1.0/',
  crs: 'http://ns.adobe.com/camera-raw-settings/1.0/',
  crd: 'http://ns.adobe.com/camera-raw-defaults/1.0/',
  crss: 'http://ns.adobe.com/camera-raw-saved-settings/1.0/',
  lr: 'http://ns.adobe.com/lightroom/1.0/',
  album: 'http://ns.adobe.com/album/1.0/',
  creatorAtom: 'http://ns.adobe.com/creatorAtom/1.0/',
  tiff: 'http://ns.adobe.com/tiff/1.0/',
  exif: 'http://ns.adobe.com/exif/1.0/',
  exifEX: 'http://cipa.jp/exif/1.0/',
  aux: 'http://ns.adobe.com/exif/1.0/aux/',
  hdrgm: 'http://ns.adobe.com/hdr-gain-map/1.0/',
  HDRGainMap: 'http://ns.apple.com/HDRGainMap/1.0/',
  'apple-fi': 'http://ns.apple.com/faceinfo/1.0/',
  apdi: 'http://ns.apple.com/pixeldatainfo/1.0/',
  Iptc4xmpCore: 'http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/',
  Iptc4xmpExt: 'http://iptc.org/std/Iptc4xmpExt/2008-02-29/',
  plus: 'http://ns.useplus.org/ldf/xmp/1.0/',
  prism: 'http://prismstandard.org/namespaces/basic/2.0/',
  cc: 'http://creativecommons.org/ns#',
  mediapro: 'http://ns.iview-multimedia.com/mediapro/1.0/',
  digiKam: 'http://www.digikam.org/ns/1.0/',
  acdsee: 'http://ns.acdsee.com/iptc/1.0/',
  darktable: 'http://darktable.sf.net/',
  GIMP: 'http://www.gimp.org/xmp/',
  MicrosoftPhoto: 'http://ns.microsoft.com/photo/1.0/',
  MP: 'http://ns.microsoft.com/photo/1.2/',
  MPRI: 'http://ns.microsoft.com/photo/1.2/t/RegionInfo#',
  MPReg: 'http://ns.microsoft.com/photo/1.2/t/Region#',
  'mwg-rs': 'http://www.metadataworkinggroup.com/schemas/regions/',
  'mwg-kw': 'http://www.metadataworkinggroup.com/schemas/keywords/',
  'mwg-coll': 'http://www.metadataworkinggroup.com/schemas/collections/',
  GPano: 'http://ns.google.com/photos/1.0/panorama/',
  GImage: 'http://ns.google.com/photos/1.0/image/',
  GAudio: 'http://ns.google.com/photos/1.0/audio/',
  GDepth: 'http://ns.google.com/photos/1.0/depthmap/',
  GFocus: 'http://ns.google.com/photos/1.0/focus/',
  GCamera: 'http://ns.google.com/photos/1.0/camera/',
  GCreations: 'http://ns.google.com/photos/1.0/creations/',
  Container: 'http://ns.google.com/photos/1.0/container/',
  Item: 'http://ns.google.com/photos/1.0/container/item/',
  Device: 'http://ns.google.com/photos/dd/1.0/device/',
  'drone-dji': 'http://www.dji.com/drone-dji/1.0/',
  Camera: 'http://pix4d.com/camera/1.0/',
};

const PREFIX_OF: ReadonlyMap<string, string> = new Map(
  Object.entries(PREFIXES).map(([prefix, uri]) => [uri, prefix]),
);

/** The namespace that a document means by a prefix it does not declare. */
export function usualNamespace(prefix: string): string | undefined {
  return Object.hasOwn(PREFIXES, prefix) ? PREFIXES[prefix] : undefined;
}

/** `prefix:name`, by the usual prefix of the namespace; without one, by that of the document. */
export function usualName(uri: string, prefix: string, local: string): string {
  const usual = PREFIX_OF.get(uri) ?? prefix;
  return usual === '' ? local : `${usual}:${local}`;
}
