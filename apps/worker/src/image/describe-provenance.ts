// Where a picture says it comes from: Content Credentials, digital source type, programs that paint from prompts.
import type { Metadata } from '@tintype/core/contract';
import type { Header } from './header.ts';
import { known } from './known.ts';
import type { TagReading } from './read-tags.ts';

/** Names that generators write into Software, CreatorTool, comments and text chunks. */
const GENERATORS: readonly [pattern: RegExp, name: string][] = [
  [/midjourney/i, 'Midjourney'],
  [/dall[-·•\s]?e|openai|chatgpt|gpt-4o/i, 'OpenAI'],
  [/adobe firefly/i, 'Adobe Firefly'],
  [/novelai/i, 'NovelAI'],
  [/comfyui/i, 'ComfyUI'],
  [/invokeai/i, 'InvokeAI'],
  [/stable ?diffusion|automatic1111/i, 'Stable Diffusion'],
  [/made with google ai|imagen|gemini/i, 'Google AI'],
  [/bing image creator|microsoft designer/i, 'Microsoft Designer'],
  [/leonardo\.ai/i, 'Leonardo.Ai'],
  [/ideogram/i, 'Ideogram'],
  [/grok|aurora by xai/i, 'xAI'],
];

/** Keywords of PNG texts that only a generator writes, and the shape of what they hold. */
const KEYWORDS: readonly [keyword: RegExp, value: RegExp, name: string][] = [
  [/^parameters$/i, /\bsteps: *\d/i, 'Stable Diffusion'],
  [/^(prompt|workflow)$/, /"(class_type|nodes)"/, 'ComfyUI'],
  [/^(sd-metadata|invokeai_metadata|dream)$/i, /./s, 'InvokeAI'],
];

/** No longer text names a program. */
const MAX_NAME_CHARACTERS = 300;

export function describeProvenance({ blocks }: Header, { exif, xmp }: TagReading): Metadata['provenance'] {
  const texts = blocks.texts ?? [];
  const named = [
    exif.exif?.software,
    exif.exif?.make,
    exif.exif?.model,
    exif.exif?.description,
    xmp.xmp?.creatorTool,
    ...creditOf(xmp.xmp),
  ];
  const generator = byName(named) ?? byKeyword(texts) ?? byName(texts.map(([, value]) => value));
  return known({
    c2pa: blocks.c2pa !== undefined || xmp.c2pa === true,
    c2paBytes: blocks.c2pa?.length,
    digitalSourceType: xmp.digitalSourceType,
    generator,
  });
}

function creditOf(xmp: Metadata['xmp']): (string | undefined)[] {
  const credit = xmp?.tags['photoshop:Credit'];
  return [typeof credit === 'string' ? credit : undefined];
}

function byName(texts: readonly (string | undefined)[]): string | undefined {
  for (const text of texts) {
    if (text === undefined || text.length > MAX_NAME_CHARACTERS) continue;
    const found = GENERATORS.find(([pattern]) => pattern.test(text));
    if (found !== undefined) return found[1];
  }
  return undefined;
}

function byKeyword(texts: readonly [string, string][]): string | undefined {
  for (const [keyword, value] of texts) {
    const found = KEYWORDS.find(([name, shape]) => name.test(keyword) && shape.test(value.slice(0, 4096)));
    if (found !== undefined) return found[2];
  }
  return undefined;
}
