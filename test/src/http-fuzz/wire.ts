// HTTP/1.1 as it is written by hand: right, and wrong in the ways that parsers have been fooled by (RFC 9112).

/** A request, its tokens filled in. */
export interface Written {
  method: string;
  target: string;
  headers: readonly (readonly [name: string, value: string])[];
  body: Buffer | undefined;
}

interface Twist {
  /** Changes what would be right; latin1 stands for bytes. */
  bend: (parts: Parts) => string;
  /** The answer may be no answer: the request never ends, or asks for no more than to be hung up. */
  mayStaySilent?: true;
}

interface Parts {
  line: string;
  headers: string[];
  body: string;
}

const END = '\r\n';
const write = ({ line, headers, body }: Parts) => `${[line, ...headers].join(END)}${END}${END}${body}`;
const withHeaders = (parts: Parts, ...more: string[]) =>
  write({ ...parts, headers: [...parts.headers, ...more] });
/** Without what says how long the body is. */
const unmeasured = (parts: Parts): Parts => ({
  ...parts,
  headers: parts.headers.filter((header) => !/^content-length/i.test(header)),
});
const measured = (parts: Parts, length: string) =>
  withHeaders(unmeasured(parts), `content-length: ${length}`);
const chunked = (parts: Parts, body: string) =>
  withHeaders({ ...unmeasured(parts), body }, 'transfer-encoding: chunked');
const chunk = (text: string) => `${text.length.toString(16)}${END}${text}${END}`;

const TWISTS = {
  whole: { bend: write },
  'length too short': { bend: (parts) => measured(parts, String(Math.floor(parts.body.length / 2))) },
  'length too long': {
    bend: (parts) => measured(parts, String(parts.body.length + 10)),
    mayStaySilent: true,
  },
  'length negative': { bend: (parts) => measured(parts, '-1') },
  'length is no number': { bend: (parts) => measured(parts, '0x10') },
  'length is huge': { bend: (parts) => measured(parts, '9'.repeat(30)) },
  'length is beyond the limit': { bend: (parts) => measured(parts, '999999999'), mayStaySilent: true },
  'two lengths': { bend: (parts) => withHeaders(parts, 'content-length: 1') },
  'length and chunks': {
    bend: (parts) => withHeaders(parts, `content-length: ${parts.body.length}`, 'transfer-encoding: chunked'),
  },
  chunks: { bend: (parts) => chunked(parts, `${parts.body === '' ? '' : chunk(parts.body)}0${END}${END}`) },
  'chunks with extensions': {
    bend: (parts) =>
      chunked(
        parts,
        `${parts.body.length.toString(16)};x="y"${END}${parts.body}${END}0${END}a: b${END}${END}`,
      ),
  },
  'chunk of no size': { bend: (parts) => chunked(parts, `zz${END}${parts.body}${END}`) },
  'chunk of any size': { bend: (parts) => chunked(parts, `${'f'.repeat(20)}${END}${parts.body}`) },
  'chunks without an end': { bend: (parts) => chunked(parts, chunk(`${parts.body}x`)), mayStaySilent: true },
  'unknown coding': { bend: (parts) => withHeaders(unmeasured(parts), 'transfer-encoding: gzip, x') },
  'body cut off': {
    bend: (parts) => write({ ...parts, body: parts.body.slice(0, -1) }),
    mayStaySilent: true,
  },
  'head cut off': {
    bend: ({ line, headers }) => `${[line, ...headers].join(END)}${END}`,
    mayStaySilent: true,
  },
  'line cut off': { bend: ({ line }) => line.slice(0, 8), mayStaySilent: true },
  nothing: { bend: () => '', mayStaySilent: true },
  'no host': {
    bend: (parts) => write({ ...parts, headers: parts.headers.filter((header) => !/^host/i.test(header)) }),
  },
  'two hosts': { bend: (parts) => withHeaders(parts, 'host: evil.example') },
  'HTTP 1.0': { bend: (parts) => write({ ...parts, line: parts.line.replace('HTTP/1.1', 'HTTP/1.0') }) },
  'HTTP 9.9': { bend: (parts) => write({ ...parts, line: parts.line.replace('HTTP/1.1', 'HTTP/9.9') }) },
  'HTTP 0.9': { bend: (parts) => write({ ...parts, line: parts.line.replace(' HTTP/1.1', '') }) },
  'HTTP 2': { bend: () => `PRI * HTTP/2.0${END}${END}SM${END}${END}` },
  'bare line feeds': { bend: (parts) => write(parts).replaceAll(END, '\n') },
  'bare carriage returns': { bend: (parts) => write(parts).replaceAll(END, '\r'), mayStaySilent: true },
  'NUL in the head': { bend: (parts) => withHeaders(parts, 'x-null: a\0b') },
  'space before a colon': { bend: (parts) => withHeaders(parts, 'x-space : y') },
  'folded header': { bend: (parts) => withHeaders(parts, 'x-folded: a', ' b') },
  'header without a name': { bend: (parts) => withHeaders(parts, ': x') },
  'header without a colon': { bend: (parts) => withHeaders(parts, 'x') },
  'bytes in a header': { bend: (parts) => withHeaders(parts, 'x-bytes: \xff\xfe\x80') },
  'long header': { bend: (parts) => withHeaders(parts, `x-long: ${'x'.repeat(70_000)}`) },
  'many headers': {
    bend: (parts) => withHeaders(parts, ...Array.from({ length: 3000 }, (_, at) => `x-${at}: y`)),
  },
  'expects to go on': { bend: (parts) => withHeaders(parts, 'expect: 100-continue') },
  'expects what nobody knows': { bend: (parts) => withHeaders(parts, 'expect: 200-maybe') },
  'wants another protocol': {
    bend: (parts) =>
      withHeaders(
        parts,
        'connection: upgrade',
        'upgrade: websocket',
        'sec-websocket-version: 13',
        'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==',
      ),
  },
  'wants HTTP 2': {
    bend: (parts) =>
      withHeaders(
        parts,
        'connection: Upgrade, HTTP2-Settings',
        'upgrade: h2c',
        'http2-settings: AAMAAABkAAQAoAAAAAIAAAAA',
      ),
  },
  'speaks TLS': { bend: () => '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03', mayStaySilent: true },
  'wants a tunnel': {
    bend: ({ headers, body }) => write({ line: 'CONNECT 127.0.0.1:1 HTTP/1.1', headers, body }),
    mayStaySilent: true,
  },
  'two spaces': { bend: (parts) => write({ ...parts, line: parts.line.replace(' ', '  ') }) },
  'empty lines first': { bend: (parts) => `${END}${END}${write(parts)}` },
  'two at once': { bend: (parts) => `${write(parts)}${write(parts)}` },
  'another within': {
    bend: (parts) => measured({ ...parts, body: `GET /healthz HTTP/1.1${END}host: x${END}${END}` }, '0'),
  },
  'space in the target': { bend: (parts) => write({ ...parts, line: parts.line.replace('/v1', '/v1 /') }) },
  'bytes in the target': { bend: (parts) => write({ ...parts, line: parts.line.replace('/v1', '/v1\xff') }) },
  'NUL in the target': { bend: (parts) => write({ ...parts, line: parts.line.replace('/v1', '/v1\0') }) },
} satisfies Record<string, Twist>;

/** `keep-alive`: nothing is twisted, and the request goes over a connection that others went over before. */
export type WireTwist = keyof typeof TWISTS | 'keep-alive';

export const WIRE_TWISTS = Object.keys(TWISTS) as (keyof typeof TWISTS)[];

export function mayStaySilent(twist: WireTwist): boolean {
  return twist !== 'keep-alive' && (TWISTS[twist] as Twist).mayStaySilent === true;
}

export function toWire({ method, target, headers, body }: Written, twist: WireTwist): Buffer {
  const names = new Set(headers.map(([name]) => name.toLowerCase()));
  const parts: Parts = {
    line: `${method} ${bytesOf(target)} HTTP/1.1`,
    headers: [
      ...(names.has('host') ? [] : ['host: 127.0.0.1']),
      ...headers.map(([name, value]) => `${name}: ${bytesOf(value)}`),
      ...(body === undefined ? [] : [`content-length: ${body.length}`]),
      'connection: close',
    ],
    body: body?.toString('latin1') ?? '',
  };
  return Buffer.from((TWISTS[twist === 'keep-alive' ? 'whole' : twist] as Twist).bend(parts), 'latin1');
}

/** A header is bytes: what is no latin1 goes as UTF-8. */
export function bytesOf(text: string): string {
  return /[^\0-\xff]/.test(text) ? Buffer.from(text).toString('latin1') : text;
}
