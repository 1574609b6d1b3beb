import t from 'tap';
import { describeProvenance } from '../../src/image/describe-provenance.ts';
import { emptyHeader } from '../../src/image/header.ts';
import { readTags } from '../../src/image/read-tags.ts';

const xmp = (inside: string) =>
  Buffer.from(
    `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" ${inside}/></rdf:RDF></x:xmpmeta>`,
  );

interface Case {
  name: string;
  texts?: [string, string][];
  packet?: string;
  c2pa?: Uint8Array;
  expect: object;
}

const CASES: Case[] = [
  { name: 'nothing', expect: { c2pa: false } },
  { name: 'a manifest', c2pa: new Uint8Array(9), expect: { c2pa: true, c2paBytes: 9 } },
  {
    name: 'a digital source type',
    packet:
      'Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"',
    expect: { c2pa: false, digitalSourceType: 'trainedAlgorithmicMedia' },
  },
  {
    name: 'a program in XMP',
    packet: 'xmp:CreatorTool="Adobe Firefly"',
    expect: { c2pa: false, generator: 'Adobe Firefly' },
  },
  {
    name: 'a credit',
    packet: 'photoshop:Credit="Made with Google AI"',
    expect: { c2pa: false, generator: 'Google AI' },
  },
  { name: 'a PNG text', texts: [['Software', 'NovelAI']], expect: { c2pa: false, generator: 'NovelAI' } },
  {
    name: 'parameters of a sampler',
    texts: [['parameters', 'a cat, Steps: 20, Sampler: Euler a']],
    expect: { c2pa: false, generator: 'Stable Diffusion' },
  },
  {
    name: 'a graph',
    texts: [['prompt', '{"3": {"class_type": "KSampler"}}']],
    expect: { c2pa: false, generator: 'ComfyUI' },
  },
  {
    name: 'the number of a job',
    texts: [['Description', 'a cat --v 6 Job ID: 01234567-89ab-cdef-0123-456789abcdef']],
    expect: { c2pa: false, generator: 'Midjourney' },
  },
  {
    name: 'what people write is no program',
    texts: [['Comment', 'Gemini Observatory, imagen de OpenAI']],
    expect: { c2pa: false },
  },
  {
    name: 'a program that paints nothing',
    texts: [['Software', 'Grokster Imagen Suite']],
    expect: { c2pa: false },
  },
];

for (const { name, texts, packet, c2pa, expect } of CASES) {
  t.test(name, async (t) => {
    const header = emptyHeader();
    if (texts) header.blocks.texts = texts;
    if (packet) header.blocks.xmp = [xmp(packet)];
    if (c2pa) header.blocks.c2pa = c2pa;
    t.same(describeProvenance(header, readTags(header)), expect);
  });
}
